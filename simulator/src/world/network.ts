import type { EventQueue } from './event-queue.ts'
import type { FaultCounts } from '../faults/fault-counts.ts'
import type { Frame } from './frame.ts'
import type { NetworkPlan } from './network-plan.ts'
import type { Random } from './random.ts'
import type { Seat } from './seat.ts'

/** Who gets what arrives at a seat. */
export type Deliver = (from: Seat, to: Seat, frame: Frame) => void

const REPLAY_AFTER_MAX_MS = 60_000

/** All links between all seats: what is lost, when the rest arrives. */
export class Network {
  /** How links behave at the moment. */
  plan: NetworkPlan
  readonly #queue: EventQueue
  readonly #random: Random
  readonly #counts: FaultCounts
  readonly #deliver: Deliver
  readonly #size: number
  readonly #seats: number
  /** From x seats + to: how many faults cut the link, and the factor on its delays. */
  readonly #cuts: Uint8Array
  readonly #slowness: Float64Array
  /** Arrival time of the newest message on the link, to count those that overtake. */
  readonly #newest: Float64Array

  constructor(parts: {
    readonly plan: NetworkPlan
    readonly queue: EventQueue
    readonly random: Random
    readonly counts: FaultCounts
    readonly shards: number
    readonly size: number
    readonly deliver: Deliver
  }) {
    this.plan = parts.plan
    this.#queue = parts.queue
    this.#random = parts.random
    this.#counts = parts.counts
    this.#deliver = parts.deliver
    this.#size = parts.size
    this.#seats = parts.shards * parts.size
    this.#cuts = new Uint8Array(this.#seats * this.#seats)
    this.#slowness = new Float64Array(this.#seats * this.#seats).fill(1)
    this.#newest = new Float64Array(this.#seats * this.#seats)
  }

  send(from: Seat, to: Seat, frame: Frame): void {
    const link = this.#linkOf(from, to)
    const { plan } = this
    const random = this.#random
    if (this.#cuts[link] !== 0) return this.#counts.add('cut message')
    if (plan.dropRate > 0 && random.chance(plan.dropRate)) return this.#counts.add('drop')
    this.#arrive(link, this.#delayOf(link), { from, to, frame })
    if (plan.duplicateRate > 0 && random.chance(plan.duplicateRate)) {
      this.#counts.add('duplicate')
      this.#arrive(link, this.#delayOf(link), { from, to, frame })
    }
    if (plan.replayRate > 0 && random.chance(plan.replayRate)) {
      this.#counts.add('late replay')
      this.#arrive(link, random.between(1_000, REPLAY_AFTER_MAX_MS), { from, to, frame })
    }
  }

  /** Cuts or mends one direction; cuts of several faults add up. */
  cut(from: Seat, to: Seat, isCut: boolean): void {
    const link = this.#linkOf(from, to)
    this.#cuts[link] = Math.max(0, (this.#cuts[link] ?? 0) + (isCut ? 1 : -1))
  }

  /** Sets the factor on the delays of one direction. */
  slow(from: Seat, to: Seat, factor: number): void {
    this.#slowness[this.#linkOf(from, to)] = factor
  }

  /** All links whole and at speed. */
  heal(plan: NetworkPlan): void {
    this.plan = plan
    this.#cuts.fill(0)
    this.#slowness.fill(1)
  }

  #linkOf(from: Seat, to: Seat): number {
    const place = ({ shard, validator }: Seat) => shard * this.#size + validator
    return place(from) * this.#seats + place(to)
  }

  #delayOf(link: number): number {
    const { plan } = this
    const random = this.#random
    let delayMs = plan.delayMinMs + random.exponential(plan.delayMeanMs)
    if (plan.tailRate > 0 && random.chance(plan.tailRate)) {
      this.#counts.add('heavy tail')
      // Pareto with shape 1: the mean has no bound, the cap is ours.
      delayMs = Math.min(plan.tailMaxMs, 20 / (1 - random.float()))
    }
    const slowness = this.#slowness[link] ?? 1
    if (slowness !== 1) this.#counts.add('slow message')
    return delayMs * slowness
  }

  #arrive(
    link: number,
    delayMs: number,
    { from, to, frame }: { from: Seat; to: Seat; frame: Frame },
  ): void {
    const atMs = this.#queue.nowMs + delayMs
    if (atMs < (this.#newest[link] ?? 0)) this.#counts.add('reorder')
    else this.#newest[link] = atMs
    this.#queue.at(delayMs, () => this.#deliver(from, to, frame))
  }
}
