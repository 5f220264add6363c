import { HEALTHY_NETWORK } from '../world/network-plan.ts'
import { Random } from '../world/random.ts'
import type { Seat } from '../world/seat.ts'
import { drawWorldPlan, type WorldPlan } from '../world/world-plan.ts'
import { World, type Adversary } from '../world/world.ts'
import { TwinGroup, type Side } from './twins.ts'

/** What a world with too many liars came to: it has to fork, and to be caught. */
export interface ForkResult {
  readonly seed: number
  readonly size: number
  readonly liars: number
  /** The checkers saw two blocks at one height. */
  readonly isForkSeen: boolean
  /** Honest validators that stopped themselves, of how many. */
  readonly halted: number
  readonly honest: number
  /** Members that certificates of the honest logs prove guilty; at least f + 1 must be, and no honest one. */
  readonly guilty: readonly number[]
  readonly isHonestAccused: boolean
  readonly traceHash: string
}

const FORK_MS = 12_000

/**
 * One shard with f + 1 twins: one more than the protocol bears. The honest members are in two halves that see each other only at the end.
 * Each half has a quorum with its side of the twins, so both commit, and whoever then sees both certificates must stop.
 */
export function runForkWorld(
  seed: number,
  print: ((line: string) => void) | null = null,
): ForkResult {
  const random = new Random(seed, 'fork')
  const size = random.pick([4, 4, 7])
  const plan: WorldPlan = {
    ...drawWorldPlan(seed, { kind: 'fork', shards: 1, size }),
    network: HEALTHY_NETWORK,
    faults: new Map(),
    liars: 'none',
    stormMs: 2 * FORK_MS,
    isCryptoReal: false,
  }
  const liars = Math.trunc((size - 1) / 3) + 1
  const sideOf = ({ validator }: Seat): Side => (validator % 2 === 0 ? 0 : 1)
  const seats = Array.from({ length: liars }, (_, index) => ({
    shard: 0,
    validator: size - liars + index,
  }))
  let group: TwinGroup | null = null
  const adversaries = seats.map((seat): Adversary => ({
    seat,
    create: (world) => (group ??= new TwinGroup(world, sideOf)).seat(seat),
  }))
  const world = new World(plan, print, adversaries)
  setHalves(world, sideOf, true)
  world.queue.at(FORK_MS, () => setHalves(world, sideOf, false))
  const { traceHash } = world.run()
  return judge(world, { seed, size, liars, traceHash })
}

function setHalves(world: World, sideOf: (seat: Seat) => Side, isCut: boolean): void {
  const honest = world.machines.flat()
  for (const from of honest)
    for (const to of honest)
      if (sideOf(from.seat) !== sideOf(to.seat)) world.network.cut(from.seat, to.seat, isCut)
}

function judge(
  { checkers, machines }: World,
  facts: { seed: number; size: number; liars: number; traceHash: string },
): ForkResult {
  const honest = machines.flat().map(({ seat }) => seat.validator)
  const guilty = checkers.blame.guilty[0] ?? new Set<number>()
  return {
    ...facts,
    isForkSeen: checkers.verdict.violations.some(({ invariant }) => invariant === 'I1 agreement'),
    halted: machines.flat().filter(({ state }) => state === 'lost').length,
    honest: honest.length,
    guilty: [...guilty].sort((a, b) => a - b),
    isHonestAccused: honest.some((validator) => guilty.has(validator)),
  }
}
