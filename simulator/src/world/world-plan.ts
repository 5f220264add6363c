import type { Timing } from '@shardnet/node/parts'
import { drawFaultPlan, type FaultPlan } from '../faults/fault-plan.ts'
import { drawNetworkPlan, type NetworkPlan } from './network-plan.ts'
import { Random } from './random.ts'

/**
 * What a run is for. In `safety` anything may fail for the whole run and nothing may break; in `liveness` the faults outside a healthy
 * quorum freeze at some time, and progress is demanded; a `fork` has more than f liars and must be caught.
 */
export type RunKind = 'safety' | 'liveness' | 'fork'

/** `twins`: each is there twice and tells two audiences different things. `forgers`: each changes fields of what it sends. */
export type LiarKind = 'none' | 'twins' | 'forgers'

/** Everything about a world that its seed decides before it starts. */
export interface WorldPlan {
  readonly seed: number
  readonly kind: RunKind
  readonly shards: number
  /** Validators of each shard. */
  readonly size: number
  readonly timing: Timing
  readonly accountsPerShard: number
  readonly balance: number
  readonly outboxWindow: number
  readonly batchBytesMax: number
  readonly segmentBytesMax: number
  /** Pause between checkpoints of the ledger; null: every restart executes from the genesis. */
  readonly checkpointMs: number | null
  readonly load: LoadPlan
  readonly network: NetworkPlan
  readonly faults: FaultPlan
  /** How f validators of each shard lie, if they do. */
  readonly liars: LiarKind
  /** Faults act for this long. */
  readonly stormMs: number
  /** Heights that each shard of a liveness run reaches. */
  readonly heightsAim: number
  /** Real BLS and ed25519 in place of the stand-ins. */
  readonly isCryptoReal: boolean
  /** A genesis with a rogue key is offered first, with real keys. */
  readonly isFounded: boolean
  /** Every receiver decodes for itself. */
  readonly isDecodingApart: boolean
  /** Means of a sync and of the execution of a block. */
  readonly syncMs: number
  readonly executeMs: number
}

/** What clients do. */
export interface LoadPlan {
  /** Mean pause between two arrivals at a shard. */
  readonly pauseMs: number
  readonly transfersMax: number
  /** Chance that a payee is in another shard. */
  readonly crossShare: number
  /** Chance that a client writes or reads a cell in place of paying. */
  readonly cellShare: number
  /** Chance that a transfer is odd: used or far nonce, too large an amount, expired, unknown payer, sent twice. */
  readonly oddShare: number
  /** Clients send nothing from this moment on, so that what was lost before is not made good by what follows it; null: they go on. */
  readonly silentFromMs: number | null
}

/** What a caller may fix instead of leaving it to the seed. */
export interface PlanChanges {
  readonly kind?: RunKind
  readonly shards?: number
  readonly size?: number
  readonly heightsAim?: number
  readonly accountsPerShard?: number
  readonly isDecodingApart?: boolean
  readonly isCryptoReal?: boolean
}

const LIARS_ONE_IN = 6
const SILENT_SHARE = 0.25
const REAL_CRYPTO_ONE_IN = 1_000
const DECODING_APART_ONE_IN = 16
const FOUNDED_ONE_IN = 128

/** Numbers of shards, as often as they are drawn: a world of four costs as much as five of one. */
const SHARDS: readonly number[] = [
  ...Array.from({ length: 28 }, () => 1),
  ...Array.from({ length: 10 }, () => 2),
  3,
  4,
]

/** Committee sizes by number of shards, as often as they are drawn: what is rare is dear, because messages grow with the square. */
const SIZES: Readonly<Record<number, readonly number[]>> = {
  1: [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 7, 7, 10],
  2: [4, 4, 4, 4, 4, 4, 4, 4, 4, 7],
}

/** Draws the plan of a seed. */
export function drawWorldPlan(seed: number, changes: PlanChanges = {}): WorldPlan {
  const random = new Random(seed, 'plan')
  const kind = random.chance(0.25) ? 'safety' : 'liveness'
  const shards = random.pick(SHARDS)
  const size = random.pick(SIZES[shards] ?? [4])
  const stormMs = random.between(5_000, 25_000)
  const drawn: WorldPlan = {
    seed,
    kind,
    shards,
    size,
    timing: drawTiming(random),
    accountsPerShard: random.pick([2, 3, 6, 12]),
    balance: random.pick([50, 1_000, 1_000_000]),
    outboxWindow: random.pick([16, 16, 64, 16_384]),
    batchBytesMax: random.pick([1_024, 4_096, 65_536]),
    segmentBytesMax: random.pick([4_096, 16_384, 65_536, 1_048_576]),
    checkpointMs: random.chance(0.5) ? random.between(1_000, 20_000) : null,
    load: {
      // Work is what makes a block every moment instead of every second: so much of it that a world stays affordable.
      pauseMs: random.pick([1_000, 2_500, 6_000]) * Math.sqrt(shards),
      transfersMax: random.pick([1, 3, 8]),
      crossShare: random.pick([0, 0.3, 0.9]),
      cellShare: random.pick([0, 0.3]),
      oddShare: random.pick([0, 0.1, 0.3]),
      silentFromMs: random.chance(SILENT_SHARE) ? random.between(0.2, 1) * stormMs : null,
    },
    network: drawNetworkPlan(new Random(seed, 'network plan')),
    faults: drawFaultPlan(new Random(seed, 'fault plan'), kind),
    liars: drawLiars(new Random(seed, 'liars')),
    stormMs,
    heightsAim: shards === 1 ? 50 : random.pick([15, 25, 50]),
    isCryptoReal: seed % REAL_CRYPTO_ONE_IN === REAL_CRYPTO_ONE_IN - 1,
    isFounded: seed % FOUNDED_ONE_IN === 1,
    isDecodingApart: seed % DECODING_APART_ONE_IN === 0,
    syncMs: random.pick([0.2, 1, 5]),
    executeMs: random.pick([0.1, 1, 20]),
  }
  return { ...drawn, ...changes }
}

function drawLiars(random: Random): LiarKind {
  if (random.below(LIARS_ONE_IN) > 0) return 'none'
  return random.pick(['twins', 'forgers', 'forgers'])
}

function drawTiming(random: Random): Timing {
  const networkDelayMs = random.pick([20, 50, 100])
  const idleBlockIntervalMs = random.pick([500, 1_000])
  return {
    networkDelayMs,
    idleBlockIntervalMs,
    viewTimeoutMs: idleBlockIntervalMs + networkDelayMs * random.pick([7, 10, 20]),
    blockIntervalMs: random.pick([0, 50]),
  }
}
