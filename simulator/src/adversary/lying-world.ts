import type { Actor } from '../world/actor.ts'
import { Random } from '../world/random.ts'
import type { Seat } from '../world/seat.ts'
import type { WorldPlan } from '../world/world-plan.ts'
import { World, type Adversary } from '../world/world.ts'
import { Forger } from './forger.ts'
import { TwinGroup, type Side } from './twins.ts'

/** Milliseconds for which twins keep their audiences. */
const AUDIENCE_MS_MIN = 300
const AUDIENCE_MS_MAX = 6_000

/** The world of a plan, with f liars in each shard where the plan has liars. */
export function createWorld(plan: WorldPlan, print: ((line: string) => void) | null = null): World {
  if (plan.liars === 'none') return new World(plan, print)
  const random = new Random(plan.seed, 'liars of the world')
  const seats = Array.from({ length: plan.size }, (_, validator) => validator)
  const audienceMs = random.between(AUDIENCE_MS_MIN, AUDIENCE_MS_MAX)
  const adversaries = Array.from({ length: plan.shards }, (_, shard): Adversary[] => {
    const create = plan.liars === 'twins' ? twinsOf(audienceMs) : forgerOf
    return random
      .sample(seats, Math.trunc((plan.size - 1) / 3))
      .map((validator) => ({ seat: { shard, validator }, create }))
  })
  return new World(plan, print, adversaries.flat())
}

function forgerOf(world: World, seat: Seat): Actor {
  return new Forger(seat, world)
}

/** Twins of one shard; half of all seats are the audience of their first halves, and another half after a while. */
function twinsOf(audienceMs: number): (world: World, seat: Seat) => Actor {
  let group: TwinGroup | null = null
  return (world, seat) => {
    const sideOf = (other: Seat): Side => sideAt(other, Math.floor(world.queue.nowMs / audienceMs))
    group ??= new TwinGroup(world, sideOf)
    return group.seat(seat)
  }
}

function sideAt({ shard, validator }: Seat, period: number): Side {
  const mixed = Math.imul(validator + 31 * shard + 977 * period + 1, 0x9e37_79b1)
  return (mixed >>> 30) % 2 === 0 ? 0 : 1
}
