import { Random } from '../world/random.ts'

/** How the nodes hear each other for a while. */
export interface Round {
  readonly forMs: number
  /** Group of each node; who is in another group is not heard. */
  readonly groupOf: readonly number[]
  /** Chance that a message inside of a group is lost. */
  readonly dropRate: number
}

/** One scenario: who is twice there, and who hears whom when. */
export interface TwinsPlan {
  readonly index: number
  /** Validators of the committee. */
  readonly size: number
  /** Seat of each node: the validators in order, then the second halves of those that are twice there. */
  readonly seatOf: readonly number[]
  readonly rounds: readonly Round[]
  readonly delayMeanMs: number
  /** Chance that a validator has a batch ready at the start of a round. */
  readonly batchRate: number
  /** Chance that a node is killed at the start of a round, and comes back with what was on its disk. */
  readonly restartRate: number
}

/** What may be chosen in place of what the index draws. */
export interface TwinsPlanChanges {
  /** Validators with a twin; more than f is more than the protocol bears. */
  readonly twins?: number
  /** Two halves that never change. */
  readonly isSplit?: boolean
}

const SEVEN_ONE_IN = 24
const ROUNDS_MIN = 3
const ROUNDS_MAX = 6
/** Rounds last from a part of a view to several of them. */
const ROUND_MS = [60, 150, 400, 900] as const
const SPLIT_MS = 3_000

/**
 * Draws the scenario of an index. After S. Bano et al., "Twins: BFT Systems Made Robust" (OPODIS 2021): a twin runs unmodified code with
 * another's key; partitions change round by round; leaders are those of the protocol.
 */
export function drawTwinsPlan(index: number, changes: TwinsPlanChanges = {}): TwinsPlan {
  const random = new Random(index, 'twins')
  const size = random.below(SEVEN_ONE_IN) === 0 ? 7 : 4
  const faultyMax = Math.trunc((size - 1) / 3)
  const seats = Array.from({ length: size }, (_, seat) => seat)
  const seatOf = [...seats, ...random.sample(seats, changes.twins ?? faultyMax)]
  const count = ROUNDS_MIN + random.below(ROUNDS_MAX - ROUNDS_MIN + 1)
  const rounds =
    changes.isSplit === true
      ? [{ forMs: SPLIT_MS, groupOf: halvesOf(seatOf, size), dropRate: 0 }]
      : Array.from({ length: count }, () => drawRound(random, seatOf.length))
  return {
    index,
    size,
    seatOf,
    rounds,
    delayMeanMs: random.pick([2, 5, 15]),
    batchRate: random.pick([0, 0.2, 0.6]),
    restartRate: random.pick([0, 0, 0.3]),
  }
}

function drawRound(random: Random, nodes: number): Round {
  const groups = random.pick([1, 2, 2, 2, 2, 3])
  return {
    forMs: random.pick(ROUND_MS),
    groupOf: Array.from({ length: nodes }, () => random.below(groups)),
    dropRate: random.pick([0, 0, 0.1, 0.3]),
  }
}

/** Each twin in a half of its own, the others in turn. */
function halvesOf(seatOf: readonly number[], size: number): number[] {
  const twice = new Set(seatOf.slice(size))
  let turn = 0
  return seatOf.map((seat, node) => {
    if (node >= size) return 1
    return twice.has(seat) ? 0 : turn++ % 2
  })
}
