import { checkBounds } from '../checkers/bounds.ts'
import { Checkers } from '../checkers/checkers.ts'
import { rogueKeyAccepted } from '../checkers/rogue-key.ts'
import { Verdict, type Violation } from '../checkers/verdict.ts'
import { FaultCounts } from '../faults/fault-counts.ts'
import { Injector } from '../faults/injector.ts'
import type { Actor } from './actor.ts'
import { EventQueue } from './event-queue.ts'
import { createGenesis, type SimulatedGenesis } from './genesis.ts'
import { Load } from './load.ts'
import { Machine } from './machine.ts'
import { Network } from './network.ts'
import { HEALTHY_NETWORK } from './network-plan.ts'
import { nameOfSeat, type Seat } from './seat.ts'
import { Random } from './random.ts'
import { describeMessage } from './describe-message.ts'
import type { Frame } from './frame.ts'
import { Trace } from './trace.ts'
import type { WorldPlan } from './world-plan.ts'

/** What a run came to. */
export interface RunResult {
  readonly seed: number
  readonly kind: WorldPlan['kind']
  readonly violation: Violation | null
  readonly traceHash: string
  readonly events: number
  readonly simulatedMs: number
  /** Least and greatest committed height over the shards. */
  readonly heightMin: number
  readonly heights: number
  readonly submitted: number
  readonly acknowledged: number
  readonly committed: number
  readonly faults: Readonly<Record<string, number>>
}

/** Puts an adversary on a seat: it has the world's facts, the seat's key, and `send` for whatever it wants to say. */
export interface Adversary {
  readonly seat: Seat
  readonly create: (world: World, seat: Seat) => Actor
}

/** Longest simulated time of the calm; reached only by a world that does not get anywhere. */
const CALM_MAX_MS = 1_200_000
const CHECK_EVERY_MS = 250
/** The longest view: eight slow rounds, doubled five times (`viewTimeoutOf`). */
const TIMEOUT_FACTOR_MAX = 8 * 2 ** 5
/** Reading a log and executing it again, at the end of which a validator takes part. */
const START_MAX_MS = 10_000
/** Heights that a validator may be behind the newest one while blocks go on. */
const HEIGHTS_BEHIND_MAX = 3

/** One seed: machines, network, clients, faults and checkers under one clock. */
export class World {
  readonly plan: WorldPlan
  readonly queue = new EventQueue()
  readonly counts = new FaultCounts()
  readonly trace: Trace
  readonly genesis: SimulatedGenesis
  readonly checkers: Checkers
  readonly network: Network
  /** By shard; adversaries' seats are missing. */
  readonly machines: readonly (readonly Machine[])[]
  readonly faultyMax: number
  readonly #actors: (Actor | null)[]
  readonly #adversarySeats: ReadonlySet<string>
  #isLoadOver = false
  readonly #load: Load
  readonly #verdict: Verdict

  constructor(
    plan: WorldPlan,
    print: ((line: string) => void) | null = null,
    adversaries: readonly Adversary[] = [],
  ) {
    this.plan = plan
    this.trace = new Trace(print)
    this.genesis = createGenesis(plan)
    this.faultyMax = Math.trunc((plan.size - 1) / 3)
    this.#verdict = new Verdict(() => this.queue.nowMs)
    this.#actors = Array.from({ length: plan.shards * plan.size }, () => null)
    this.#adversarySeats = new Set(adversaries.map(({ seat }) => nameOfSeat(seat)))
    this.checkers = new Checkers(
      this.#verdict,
      this.genesis,
      (seat) => !this.#adversarySeats.has(nameOfSeat(seat)),
    )
    this.network = new Network({
      plan: plan.network,
      queue: this.queue,
      random: new Random(plan.seed, 'network'),
      counts: this.counts,
      shards: plan.shards,
      size: plan.size,
      deliver: (from, to, frame) => this.#deliver(from, to, frame),
    })
    this.machines = this.#createMachines()
    for (const { seat, create } of adversaries) this.#seat(create(this, seat))
    this.#load = new Load(plan, this.genesis)
  }

  /** Runs the storm and, unless it is a mere safety run, the calm after it. */
  run(): RunResult {
    const { plan } = this
    if (plan.isFounded) this.#found()
    for (const actor of this.#actors) actor?.start()
    this.machines.forEach((_, shard) => this.#arriveLater(shard))
    const { queue, network, counts, checkers, machines, faultyMax } = this
    const injector = new Injector({
      plan,
      queue,
      network,
      counts,
      checkers,
      machines,
      faultyMax,
      adversariesOf: (shard) => this.#adversariesOf(shard),
    })
    injector.start()
    this.#runUntil(plan.stormMs, () => false)
    injector.stop()
    if (plan.kind === 'liveness' && this.#verdict.isClean) this.#calm()
    return this.#result()
  }

  /** A message leaves a seat. */
  send(from: Seat, to: Seat, frame: Frame): void {
    this.network.send(from, to, frame)
  }

  /** What no running network can make good: keys that its genesis should not have. */
  #found(): void {
    const problem = rogueKeyAccepted(new Random(this.plan.seed, 'founding'))
    this.counts.add('rogue key offered')
    if (problem !== null) this.#verdict.report('I3 certified', problem)
  }

  #createMachines(): Machine[][] {
    const { shards, size } = this.plan
    return Array.from({ length: shards }, (_, shard) =>
      Array.from({ length: size }, (_, validator) => ({ shard, validator }))
        .filter((seat) => !this.#adversarySeats.has(nameOfSeat(seat)))
        .map((seat) => {
          const send = (to: Seat, frame: Frame) => this.send(seat, to, frame)
          const machine = new Machine(seat, this, { send, watch: this.checkers })
          machine.initialise()
          this.#seat(machine)
          return machine
        }),
    )
  }

  #deliver(from: Seat, to: Seat, frame: Frame): void {
    const actor = this.#actors[to.shard * this.plan.size + to.validator]
    const { trace } = this
    trace.mix(this.queue.nowMs * 1_000)
    trace.mix(frame.bytes.length * 4_096 + from.validator * 64 + to.validator)
    if (trace.isPrinting)
      trace.line(() => `${nameOfSeat(from)} -> ${nameOfSeat(to)} ${describeMessage(frame)}`)
    actor?.onFrame(from, frame)
  }

  #seat(actor: Actor): void {
    this.#actors[actor.seat.shard * this.plan.size + actor.seat.validator] = actor
  }

  #adversariesOf(shard: number): number {
    return [...this.#adversarySeats].filter((name) => name.startsWith(`${shard}/`)).length
  }

  #arriveLater(shard: number): void {
    const silentFromMs = this.plan.load.silentFromMs ?? Number.POSITIVE_INFINITY
    this.queue.at(this.#load.nextPauseMs(), () => {
      if (this.#isLoadOver || this.queue.nowMs >= silentFromMs) return
      this.#load.arrive(shard, this.machines[shard] ?? [], this.checkers.agreement.heightOf(shard))
      this.#arriveLater(shard)
    })
  }

  /** Runs to a time, or until something is found or reached. */
  #runUntil(endMs: number, isReached: () => boolean): boolean {
    let checkAtMs = 0
    while (this.#goesOn() && this.queue.runNext(endMs)) {
      if (this.queue.nowMs < checkAtMs) continue
      checkAtMs = this.queue.nowMs + CHECK_EVERY_MS
      if (this.plan.liars !== 'none')
        for (const machine of this.machines.flat()) checkBounds(this.#verdict, machine)
      if (isReached()) return true
    }
    return isReached()
  }

  /** A world that has to fork goes on behind it: what follows is what has to be seen. */
  #goesOn(): boolean {
    return this.plan.kind === 'fork' || this.#verdict.isClean
  }

  /** Faults outside of a healthy quorum freeze: links heal, who can start starts. Then progress is owed. */
  #calm(): void {
    const { agreement } = this.checkers
    this.network.heal(HEALTHY_NETWORK)
    for (const machine of this.machines.flat()) machine.makeHealthy()
    this.trace.line(() => 'the faults freeze')
    const startMs = this.queue.nowMs
    const before = this.machines.map((_, shard) => agreement.heightOf(shard))
    const boundMs = this.#progressBoundMs()
    const isLive = this.#runUntil(startMs + boundMs, () =>
      before.every((height, shard) => agreement.heightOf(shard) > height),
    )
    if (!isLive) return this.#fail(`no new block within ${boundMs} ms after the faults froze`)
    const endMs = this.queue.nowMs + CALM_MAX_MS
    this.#runUntil(endMs, () =>
      this.machines.every((_, shard) => agreement.heightOf(shard) >= this.plan.heightsAim),
    )
    this.#isLoadOver = true
    if (!this.#runUntil(endMs, () => this.#owed() === null)) this.#fail(this.#owed() ?? '')
  }

  /** I11: f + 1 views at the longest timeout, and the time that starting takes. */
  #progressBoundMs(): number {
    const { viewTimeoutMs, networkDelayMs } = this.plan.timing
    const longestMs = viewTimeoutMs * TIMEOUT_FACTOR_MAX
    return (this.faultyMax + 1) * longestMs + 6 * networkDelayMs + START_MAX_MS
  }

  /** What is still owed: heights, all validators in step, every promise to clients and between shards. Null when nothing is. */
  #owed(): string | null {
    const { agreement, clients, reExecution } = this.checkers
    for (const [shard, machines] of this.machines.entries()) {
      const height = agreement.heightOf(shard)
      if (height < this.plan.heightsAim) return `shard ${shard} is at height ${height}`
      for (const machine of machines) {
        if (machine.state === 'lost') continue
        const own = machine.process?.ledger.height ?? 0
        if (own + HEIGHTS_BEHIND_MAX < height)
          return `${machine.name} is at height ${own} of ${height}`
      }
      for (const other of this.machines.keys()) {
        if (other === shard) continue
        const { sent, taken, acknowledged } = reExecution.transit(shard, other)
        if (taken < sent)
          return `shard ${other} took ${taken} of ${sent} messages of shard ${shard}`
        if (acknowledged < sent)
          return `shard ${shard} knows of ${acknowledged} of ${sent} messages that shard ${other} took`
      }
    }
    const [open] = clients.unsettled()
    return open === undefined ? null : `the acknowledged transfer ${open} is in no block`
  }

  #fail(message: string): void {
    if (this.#verdict.isClean) this.#verdict.report('I11 liveness', message)
  }

  #result(): RunResult {
    const { plan, checkers, queue } = this
    const heights = this.machines.map((_, shard) => checkers.agreement.heightOf(shard))
    this.trace.mix(queue.count)
    for (const height of heights) this.trace.mix(height)
    return {
      seed: plan.seed,
      kind: plan.kind,
      violation: this.#verdict.violations[0] ?? null,
      traceHash: this.trace.hash,
      events: queue.count,
      simulatedMs: queue.nowMs,
      heightMin: Math.min(...heights),
      heights: heights.reduce((sum, height) => sum + height, 0),
      submitted: this.#load.submitted,
      acknowledged: checkers.clients.acknowledged,
      committed: checkers.clients.committed,
      faults: this.counts.entries(),
    }
  }
}
