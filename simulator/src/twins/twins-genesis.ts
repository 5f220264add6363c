import { must, type Timing } from '@shardnet/node/parts'
import { createGenesis, type SimulatedGenesis } from '../world/genesis.ts'
import { createBareStandInCrypto } from '../world/stand-in-crypto.ts'
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
  const made = known.get(size) ?? createTwinsGenesis(size)
  known.set(size, made)
  return made
}

function createTwinsGenesis(size: number): SimulatedGenesis {
  const genesis = createGenesis({
    ...drawWorldPlan(0, { shards: 1, size, accountsPerShard: 2 }),
    timing: TIMING,
    isCryptoReal: false,
  })
  const options = genesis.committees.map(({ members }, shard) =>
    members.map((member, validator) => ({
      ...genesis.replicaOptionsOf({ shard, validator }),
      crypto: createBareStandInCrypto(member),
    })),
  )
  return {
    ...genesis,
    replicaOptionsOf: ({ shard, validator }) =>
      must(options[shard]?.[validator], 'a seat of the shard'),
  }
}
