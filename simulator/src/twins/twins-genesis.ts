import type { Timing } from '@shardnet/node/parts'
import { createGenesis, type SimulatedGenesis } from '../world/genesis.ts'
import { drawWorldPlan } from '../world/world-plan.ts'

/** Quick views, so that a scenario has many of them. */
const TIMING: Timing = {
  viewTimeoutMs: 200,
  idleBlockIntervalMs: 60,
  blockIntervalMs: 10,
  networkDelayMs: 15,
}

const known = new Map<number, SimulatedGenesis>()

/** One shard with this many validators. The same for all scenarios of a size: nothing in it may matter, and making it is dear. */
export function twinsGenesisOf(size: number): SimulatedGenesis {
  const made =
    known.get(size) ??
    createGenesis({
      ...drawWorldPlan(0, { shards: 1, size, accountsPerShard: 2 }),
      timing: TIMING,
      isCryptoReal: false,
    })
  known.set(size, made)
  return made
}
