import { LogError, encodeLogRecord, type StateEntry } from '@shardnet/node/parts'
import type { FaultCounts } from '../faults/fault-counts.ts'
import type { Actor } from './actor.ts'
import { Disk } from './disk.ts'
import type { EventQueue } from './event-queue.ts'
import type { Frame } from './frame.ts'
import type { SimulatedGenesis } from './genesis.ts'
import { MachineLog } from './machine-log.ts'
import type { MachineWatch, StopReason } from './machine-watch.ts'
import { ValidatorProcess } from './validator-process.ts'
import { Random } from './random.ts'
import { nameOfSeat, type Seat } from './seat.ts'
import type { Trace } from './trace.ts'
import type { WorldPlan } from './world-plan.ts'

/** What machines share: the plan, the facts, time, and the trace. */
export interface MachineWorld {
  readonly plan: WorldPlan
  readonly genesis: SimulatedGenesis
  readonly queue: EventQueue
  readonly trace: Trace
  readonly counts: FaultCounts
}

/** What is around one machine; an adversary that runs machines of its own puts itself there. */
export interface MachinePorts {
  send(to: Seat, frame: Frame): void
  readonly watch: MachineWatch
}

/** How a process ends from outside: killed, with the page cache staying, or by a power cut, which loses it. */
export type CrashKind = 'kill' | 'power'

/** `lost` is for good: its disk is damaged, or the replica stopped itself. */
export type MachineState = 'off' | 'starting' | 'up' | 'lost'

const WALL_START_MS = 1_800_000_000_000
const HELD_MAX = 20_000
/** Reading a log back takes a moment. */
const START_MEAN_MS = 30

/** One validator's hardware: disk, clock, power. The process on it comes and goes. */
export class Machine implements Actor {
  readonly seat: Seat
  readonly name: string
  readonly world: MachineWorld
  readonly ports: MachinePorts
  readonly disk: Disk
  readonly random: Random
  /** The ledger's checkpoint, as the store made it durable. */
  readonly store = new Map<string, StateEntry>()
  /** Monotonic milliseconds of the machine per true one. */
  readonly drift: number
  /** What the wall clock is off. */
  wallOffsetMs = 0
  /** Factor on the durations of everything that the processor does. */
  slowness = 1
  state: MachineState = 'off'
  /** What runs; null unless the state is `up`. */
  process: ValidatorProcess | null = null
  /** Counts down at every edge; the process dies at 0. */
  edgesUntilCrash = Number.POSITIVE_INFINITY
  crashAtEdge: CrashKind = 'kill'
  #life = 0
  #startedAtMs = 0
  #isPaused = false
  readonly #held: (() => void)[] = []
  #onEdgeCrash: ((edge: string) => void) | null = null

  constructor(seat: Seat, world: MachineWorld, ports: MachinePorts, variant = '') {
    this.seat = seat
    this.name = nameOfSeat(seat) + variant
    this.world = world
    this.ports = ports
    this.random = new Random(world.plan.seed, `machine ${this.name}`)
    this.disk = new Disk(new Random(world.plan.seed, `disk ${this.name}`))
    this.drift = this.random.between(0.97, 1.03)
  }

  /** Writes the birth record, as the founder of the testnet does, once; without it the validator only observes. */
  initialise(): void {
    const { networkId } = this.world.genesis
    const { shard, validator } = this.seat
    const birth = { kind: 'birth', networkId, shard, validator, epoch: 0 } as const
    const ports = { later: (_: number, run: () => void) => run(), edge: () => false, fail: fail }
    const log = MachineLog.open(this.logOptions(), ports, () => {})
    log?.append([encodeLogRecord(birth)], () => {})
  }

  logOptions() {
    const { genesis, plan } = this.world
    return {
      name: this.name,
      networkId: genesis.networkId,
      segmentBytesMax: plan.segmentBytesMax,
      disk: this.disk,
      random: this.random,
      syncMs: plan.syncMs,
    }
  }

  get isUp(): boolean {
    return this.state === 'up'
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Milliseconds since this process started, as its own clock says. */
  monotonicMs(): number {
    return (this.world.queue.nowMs - this.#startedAtMs) * this.drift
  }

  wallMs(): number {
    return Math.floor(WALL_START_MS + this.world.queue.nowMs + this.wallOffsetMs)
  }

  /** Starts the process on what the disk holds, after the moment that it takes to read it. */
  start(): void {
    if (this.state !== 'off') return
    this.state = 'starting'
    this.#life++
    const delayMs = this.random.exponential(START_MEAN_MS) * this.slowness
    this.later(delayMs, () => this.#boot())
  }

  onFrame(from: Seat, frame: Frame): void {
    if (this.#isPaused) {
      if (this.#held.length < HELD_MAX) this.#held.push(() => this.process?.onFrame(from, frame))
    } else this.process?.onFrame(from, frame)
  }

  /** Later in this life of the machine's process; while it is paused, when it resumes. */
  later(delayMs: number, run: () => void): void {
    const life = this.#life
    this.world.queue.at(delayMs, () => {
      if (this.#life !== life) return
      if (this.#isPaused) this.#held.push(() => this.#life === life && run())
      else run()
    })
  }

  crash(kind: CrashKind): void {
    if (this.state === 'off' || this.state === 'lost') return
    this.#end('off')
    this.world.trace.line(() => `${this.name} ${kind === 'kill' ? 'is killed' : 'loses its power'}`)
    if (kind === 'power') {
      for (const outcome of this.disk.cutPower())
        this.world.counts.add(`power cut: unsynced ${outcome}`)
    }
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    const held = this.#held.splice(0)
    for (const run of held) run()
  }

  /** Arms a crash at the n-th edge from now; `told` hears which one it was. */
  armCrash(edges: number, kind: CrashKind, told: (edge: string) => void): void {
    this.edgesUntilCrash = edges
    this.crashAtEdge = kind
    this.#onEdgeCrash = told
  }

  /** All that is wrong with the machine is over; a process that is off starts. */
  makeHealthy(): void {
    this.disk.isFull = false
    this.disk.failsNextSync = false
    this.disk.slowness = 1
    this.slowness = 1
    this.wallOffsetMs = 0
    this.disarmCrash()
    if (this.#isPaused) this.resume()
    this.start()
  }

  disarmCrash(): void {
    this.edgesUntilCrash = Number.POSITIVE_INFINITY
    this.#onEdgeCrash = null
  }

  /** A point between two acts of the process; true when it died there. */
  edge(name: string): boolean {
    if (--this.edgesUntilCrash > 0) return false
    const told = this.#onEdgeCrash
    this.disarmCrash()
    this.world.trace.line(() => `${this.name} dies at the edge: ${name}`)
    this.crash(this.crashAtEdge)
    told?.(name)
    return true
  }

  /** The process ends by itself. */
  stop(reason: StopReason): void {
    if (this.state === 'off' || this.state === 'lost') return
    this.world.trace.line(() => `${this.name} stops: ${reason.kind}, ${describeStop(reason)}`)
    const isForGood = reason.kind !== 'disk' || reason.code === 'damaged'
    this.#end(isForGood ? 'lost' : 'off')
    this.ports.watch.onStopped(this, reason)
  }

  #boot(): void {
    this.#startedAtMs = this.world.queue.nowMs
    try {
      const process = ValidatorProcess.open(this)
      if (process === null) return
      this.process = process
      this.state = 'up'
      this.world.trace.line(() => `${this.name} is up at view ${process.replica.view}`)
      process.begin()
    } catch (error) {
      if (error instanceof LogError) {
        return this.stop({ kind: 'disk', code: error.code, message: error.message })
      }
      if (!(error instanceof Error)) throw error
      this.stop({ kind: 'defect', error })
    }
  }

  #end(state: 'off' | 'lost'): void {
    this.state = state
    this.process = null
    this.#life++
    this.#held.length = 0
    this.#isPaused = false
    this.disarmCrash()
  }
}

function describeStop(reason: StopReason): string {
  if (reason.kind === 'defect') return reason.error.message
  return reason.kind === 'halt' ? reason.reason : reason.message
}

function fail(error: LogError): void {
  throw error
}
