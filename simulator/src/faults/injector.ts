import type { Checkers } from '../checkers/checkers.ts'
import type { CrashKind, Machine } from '../world/machine.ts'
import type { Network } from '../world/network.ts'
import type { EventQueue } from '../world/event-queue.ts'
import { Random } from '../world/random.ts'
import type { WorldPlan } from '../world/world-plan.ts'
import type { FaultCounts } from './fault-counts.ts'
import type { FaultKind } from './fault-plan.ts'
import { drawPartition, type PartitionShape } from './partition.ts'

/** What the injector acts on. */
export interface FaultTargets {
  readonly plan: WorldPlan
  readonly queue: EventQueue
  readonly network: Network
  readonly counts: FaultCounts
  readonly checkers: Checkers
  /** By shard; seats of adversaries are not among them. */
  readonly machines: readonly (readonly Machine[])[]
  readonly faultyMax: number
  /** Seats of a shard that adversaries hold: they count in f. */
  adversariesOf(shard: number): number
}

const SHAPES = {
  'partition minority': 'minority',
  'partition majority': 'majority',
  'partition without quorum': 'noQuorum',
  'partition bridge': 'bridge',
  'partition ring': 'ring',
  'partition one-way': 'oneWay',
} as const satisfies Partial<Record<FaultKind, PartitionShape>>

/** Makes the faults of a world's plan happen, each with an end of its own, until the storm is over. */
export class Injector {
  readonly #targets: FaultTargets
  /** Each kind has a stream of its own, so that a world without one of them keeps the others where they were. */
  readonly #streams = new Map<FaultKind, Random>()
  #random: Random
  #isOver = false

  constructor(targets: FaultTargets) {
    this.#targets = targets
    this.#random = new Random(targets.plan.seed, 'faults')
  }

  start(): void {
    for (const [kind, pauseMs] of this.#targets.plan.faults) {
      this.#streams.set(kind, new Random(this.#targets.plan.seed, `fault ${kind}`))
      this.#schedule(kind, pauseMs)
    }
  }

  /** No fault begins any more, and those that would outlast the storm are undone by the world. */
  stop(): void {
    this.#isOver = true
  }

  #schedule(kind: FaultKind, pauseMs: number): void {
    const stream = this.#streams.get(kind) ?? this.#random
    this.#targets.queue.at(stream.exponential(pauseMs), () => {
      if (this.#isOver) return
      this.#random = stream
      this.#fire(kind)
      this.#schedule(kind, pauseMs)
    })
  }

  #fire(kind: FaultKind): void {
    const shard = this.#random.below(this.#targets.machines.length)
    const machines = this.#targets.machines[shard] ?? []
    const { faultyMax, counts } = this.#targets
    switch (kind) {
      case 'partition minority':
      case 'partition majority':
      case 'partition without quorum':
      case 'partition bridge':
      case 'partition ring':
      case 'partition one-way':
        counts.add(kind)
        return this.#partition(machines, SHAPES[kind])
      case 'isolated proposer':
        return this.#isolateProposer(machines)
      case 'flapping link':
        return this.#flap(machines)
      case 'slow link':
        return this.#slowLink(machines)
      case 'gray node':
        return this.#withMachine(machines, kind, (machine) => this.#grayNode(machine))
      case 'crash of one':
        return this.#crash(machines, kind, 1)
      case 'crash of f':
        return this.#crash(machines, kind, faultyMax)
      case 'crash of f + 1':
        return this.#crash(machines, kind, faultyMax + 1)
      case 'crash of all':
        return this.#crash(machines, kind, machines.length)
      case 'crash at an edge':
        return this.#withMachine(machines, null, (machine) => this.#crashAtEdge(machine))
      case 'crash in recovery':
        return this.#withMachine(machines, null, (machine) => this.#crashInRecovery(machine))
      case 'pause':
        return this.#withMachine(machines, kind, (machine) => this.#pause(machine))
      case 'wall clock jump':
        return this.#withMachine(machines, kind, (machine) => {
          machine.wallOffsetMs = this.#random.between(-3_600_000, 3_600_000)
          this.#later(this.#random.exponential(5_000), () => (machine.wallOffsetMs = 0))
        })
      case 'failing sync':
        return this.#withMachine(machines, kind, (machine) => this.#failSync(machine))
      case 'full disk':
        return this.#withMachine(machines, kind, (machine) => this.#fillDisk(machine))
      case 'slow disk':
        return this.#withMachine(machines, kind, (machine) => {
          machine.disk.slowness = this.#random.pick([20, 200, 1_000])
          this.#later(this.#random.exponential(5_000), () => (machine.disk.slowness = 1))
        })
      case 'bit flip':
        return this.#withMachine(machines, null, (machine) => this.#flipBit(shard, machine))
    }
  }

  #withMachine(
    machines: readonly Machine[],
    counted: FaultKind | null,
    act: (machine: Machine) => void,
  ): void {
    const running = machines.filter((machine) => machine.isUp)
    if (running.length === 0) return
    if (counted !== null) this.#targets.counts.add(counted)
    act(this.#random.pick(running))
  }

  #later(delayMs: number, run: () => void): void {
    this.#targets.queue.at(delayMs, () => {
      if (!this.#isOver) run()
    })
  }

  #partition(machines: readonly Machine[], shape: PartitionShape): void {
    const { network, faultyMax } = this.#targets
    const links = drawPartition(shape, machines.length, faultyMax, this.#random)
    const set = (isCut: boolean) => {
      for (const [from, to] of links) {
        const [sender, receiver] = [machines[from], machines[to]]
        if (sender !== undefined && receiver !== undefined)
          network.cut(sender.seat, receiver.seat, isCut)
      }
    }
    set(true)
    this.#later(this.#random.exponential(8_000), () => set(false))
  }

  /** Cuts off whoever proposes, view after view, for a while. */
  #isolateProposer(machines: readonly Machine[], turns = 1 + this.#random.below(6)): void {
    const { network, counts } = this.#targets
    const view = Math.max(0, ...machines.map((machine) => machine.process?.replica.view ?? 0))
    const proposer = machines.find(({ seat }) => seat.validator === view % this.#targets.plan.size)
    const others = machines.filter((machine) => machine !== proposer)
    if (proposer === undefined) return
    counts.add('isolated proposer')
    const set = (isCut: boolean) => {
      for (const { seat } of others) {
        network.cut(proposer.seat, seat, isCut)
        network.cut(seat, proposer.seat, isCut)
      }
    }
    set(true)
    this.#later(this.#random.between(300, 3_000), () => {
      set(false)
      if (turns > 1) this.#isolateProposer(machines, turns - 1)
    })
  }

  #flap(machines: readonly Machine[]): void {
    const { network, counts } = this.#targets
    const [a, b] = this.#random.sample(machines, 2)
    if (a === undefined || b === undefined) return
    counts.add('flapping link')
    const toggle = (left: number, isCut: boolean): void => {
      network.cut(a.seat, b.seat, isCut)
      if (left > 0 || isCut)
        this.#later(this.#random.exponential(200), () => toggle(left - 1, !isCut))
    }
    toggle(10, true)
  }

  #slowLink(machines: readonly Machine[]): void {
    const { network, counts } = this.#targets
    const [a, b] = this.#random.sample(machines, 2)
    if (a === undefined || b === undefined) return
    counts.add('slow link')
    network.slow(a.seat, b.seat, this.#random.pick([10, 100]))
    this.#later(this.#random.exponential(10_000), () => network.slow(a.seat, b.seat, 1))
  }

  #grayNode(machine: Machine): void {
    const { network, machines } = this.#targets
    const factor = 10
    const set = (by: number) => {
      machine.slowness = by
      for (const other of machines[machine.seat.shard] ?? [])
        if (other !== machine) network.slow(machine.seat, other.seat, by)
    }
    set(factor)
    this.#later(this.#random.exponential(10_000), () => set(1))
  }

  #crash(machines: readonly Machine[], kind: FaultKind, count: number): void {
    const running = machines.filter((machine) => machine.isUp)
    if (running.length === 0 || count === 0) return
    this.#targets.counts.add(kind)
    const how = this.#crashKind()
    for (const machine of this.#random.sample(running, Math.min(count, running.length))) {
      machine.crash(how)
      this.#startLater(machine)
    }
  }

  #crashKind(): CrashKind {
    return this.#random.chance(0.5) ? 'kill' : 'power'
  }

  /** Back after a moment, or much later. */
  #startLater(machine: Machine): void {
    const delayMs = this.#random.chance(0.7) ? 200 : 8_000
    this.#later(this.#random.exponential(delayMs), () => machine.start())
  }

  #crashAtEdge(machine: Machine): void {
    const edges = 1 + this.#random.below(this.#random.pick([4, 30, 300]))
    machine.armCrash(edges, this.#crashKind(), (edge) => {
      this.#targets.counts.add('crash at an edge')
      this.#targets.counts.add(`edge: ${edge}`)
      this.#startLater(machine)
    })
  }

  /** Dies, and dies again while it reads its log, a few times. */
  #crashInRecovery(machine: Machine): void {
    machine.crash(this.#crashKind())
    const again = (left: number): void => {
      machine.start()
      if (left === 0) return
      machine.armCrash(1 + this.#random.below(6), this.#crashKind(), (edge) => {
        this.#targets.counts.add('crash in recovery')
        this.#targets.counts.add(`edge: ${edge}`)
        this.#later(this.#random.exponential(100), () => again(left - 1))
      })
    }
    again(1 + this.#random.below(3))
  }

  #pause(machine: Machine): void {
    machine.pause()
    this.#later(this.#random.exponential(4_000), () => machine.resume())
  }

  /** The process stops on the failed sync; the disk is well afterwards. */
  #failSync(machine: Machine): void {
    machine.disk.failsNextSync = true
    this.#later(this.#random.exponential(3_000), () => machine.start())
  }

  #fillDisk(machine: Machine): void {
    machine.disk.isFull = true
    this.#later(this.#random.exponential(3_000), () => {
      machine.disk.isFull = false
      machine.start()
    })
  }

  /** Rot below the last group, so that it is damage and not a torn tail; at most f validators of a shard may lose their disk. */
  #flipBit(shard: number, machine: Machine): void {
    const { checkers, counts, faultyMax } = this.#targets
    const ofShard = this.#targets.machines[shard] ?? []
    const lost = ofShard.filter((one) => checkers.rotten.has(one)).length
    if (lost + this.#targets.adversariesOf(shard) >= faultyMax) return
    machine.crash('kill')
    if (machine.disk.flipBit()) {
      counts.add('bit flip')
      checkers.rotten.add(machine)
    }
    this.#startLater(machine)
  }
}
