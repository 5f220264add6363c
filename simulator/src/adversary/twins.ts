import type { Actor } from '../world/actor.ts'
import type { Frame } from '../world/frame.ts'
import { Machine } from '../world/machine.ts'
import type { Seat } from '../world/seat.ts'
import type { World } from '../world/world.ts'
import { UNWATCHED } from './unwatched.ts'

/** Which of two audiences a seat belongs to. */
export type Side = 0 | 1

/** Decides to which audience everybody belongs at a moment. */
export type SideOf = (seat: Seat) => Side

/**
 * Twins (Bano et al., "Twins: BFT Systems Made Robust", 2021): two unmodified validators with one key, each of which talks to one audience.
 * Together they equivocate, vote twice and forget, without a line of code that lies. Twins of one group know each other's halves apart.
 */
export class TwinGroup {
  readonly #world: World
  readonly #sideOf: SideOf
  readonly #twins = new Map<number, Twins>()

  constructor(world: World, sideOf: SideOf) {
    this.#world = world
    this.#sideOf = sideOf
  }

  /** Puts twins on a seat of the group's shard. */
  seat(seat: Seat): Actor {
    const twins = new Twins(seat, this.#world, {
      sideOf: this.#sideOf,
      send: (side, to, frame) => this.#send({ seat, side }, to, frame),
    })
    this.#twins.set(seat.validator, twins)
    return twins
  }

  #send(from: { seat: Seat; side: Side }, to: Seat, frame: Frame): void {
    const { queue, plan } = this.#world
    const twins = to.shard === from.seat.shard ? this.#twins.get(to.validator) : undefined
    if (twins !== undefined) {
      queue.at(plan.network.delayMinMs, () => twins.onTwinFrame(from.side, from.seat, frame))
    } else if (this.#sideOf(to) === from.side) this.#world.send(from.seat, to, frame)
  }
}

interface TwinPorts {
  readonly sideOf: SideOf
  send(side: Side, to: Seat, frame: Frame): void
}

class Twins implements Actor {
  readonly seat: Seat
  readonly #ports: TwinPorts
  readonly #halves: readonly [Machine, Machine]

  constructor(seat: Seat, world: World, ports: TwinPorts) {
    this.seat = seat
    this.#ports = ports
    const create = (side: Side) => {
      const send = (to: Seat, frame: Frame) => ports.send(side, to, frame)
      const machine = new Machine(seat, world, { send, watch: UNWATCHED }, side === 0 ? 'a' : 'b')
      machine.initialise()
      return machine
    }
    this.#halves = [create(0), create(1)]
  }

  start(): void {
    for (const half of this.#halves) half.start()
  }

  onFrame(from: Seat, frame: Frame): void {
    this.#halves[this.#ports.sideOf(from)].onFrame(from, frame)
  }

  /** From a half of other twins. */
  onTwinFrame(side: Side, from: Seat, frame: Frame): void {
    this.#halves[side].onFrame(from, frame)
  }
}
