import { shardPlanOf } from '../plan/shard-object.ts'
import { planValidators, type ValidatorsPlan } from '../plan/plan-validators.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'
import { afterDeath, type BackOff, NO_DEATHS } from './back-off.ts'
import { LOCAL_HOST } from './ports.ts'
import { LocalError } from './local-error.ts'
import { endProcesses, type ProcessIdentity, signal } from './process-identity.ts'
import { type TestnetFolder, validatorFiles } from './testnet-folder.ts'
import type { SetState, ValidatorState } from './testnet-state.ts'
import type { ValidatorStatus } from './testnet-status.ts'
import { startValidator, type ValidatorEnd, type ValidatorProcess } from './validator-process.ts'

/** What a set needs of its supervisor. */
export interface SetContext {
  readonly folder: TestnetFolder
  /** Path of the validator's main.ts. */
  readonly program: string
  /** Called when a validator became ready or ended. */
  readonly onChange: () => void
}

interface Seat {
  readonly state: ValidatorState
  process: ValidatorProcess | null
  backOff: BackOff
  notBeforeMs: number
  lastEnd: string | null
  /** Faults that keep it down, and until when each. */
  readonly heldBy: Map<string, number>
  /** Faults that keep its process stopped. */
  readonly pausedBy: Set<string>
  /** Process that a fault killed. */
  killedBy: number | null
}

const END_GRACE_MS = 10_000

/** The validators of one set on this machine: what a StatefulSet is in a cluster. */
export class ValidatorSet {
  readonly state: SetState
  readonly #context: SetContext
  readonly #seats: readonly Seat[]

  constructor(context: SetContext, state: SetState) {
    this.#context = context
    this.state = state
    this.#seats = state.validators.map((each) => {
      return {
        state: each,
        process: null,
        backOff: NO_DEATHS,
        notBeforeMs: 0,
        lastEnd: null,
        heldBy: new Map(),
        pausedBy: new Set(),
        killedBy: null,
      }
    })
  }

  /** What the set was last told to be. */
  get plan(): ShardPlan {
    return shardPlanOf(this.state.object)
  }

  get readyCount(): number {
    return this.#seats.filter((seat) => seat.process?.isReady === true).length
  }

  /** Next steps for this set. */
  planAt(nowMs: number): ValidatorsPlan {
    const observed = this.#seats.map((seat) => {
      return {
        validator: seat.state.validator,
        isRunning: seat.process !== null,
        isBorn: seat.state.isBorn,
        notBeforeMs: startableAt(seat),
      }
    })
    return planValidators(this.plan, observed, nowMs)
  }

  /** Files of one validator. */
  filesOf(validator: number): ReturnType<typeof validatorFiles> {
    return validatorFiles(
      this.#context.folder,
      this.plan.network.generation,
      this.plan.shard,
      validator,
    )
  }

  /** Notes that validators have their birth record; the caller saves the state before it starts them. */
  markBorn(validator: number): void {
    this.#seatOf(validator).state.isBorn = true
  }

  /** Starts one validator; it is remembered in the state, which the caller saves at once. */
  start(validator: number): void {
    const seat = this.#seatOf(validator)
    const { configFile, logFile } = this.filesOf(validator)
    const process = startValidator(this.#context.program, configFile, logFile, {
      onReady: this.#context.onChange,
      onEnd: (end) => this.#onEnd(seat, end),
    })
    seat.process = process
    seat.state.process = process.identity
  }

  #onEnd(seat: Seat, end: ValidatorEnd): void {
    const isByFault = seat.killedBy === seat.process?.identity.pid
    seat.process = null
    seat.pausedBy.clear()
    seat.state.process = null
    seat.state.restarts += 1
    seat.lastEnd = end.reason
    // A death that was ordered says nothing against the next start.
    seat.backOff = isByFault ? NO_DEATHS : afterDeath(seat.backOff, end.ranForMs)
    seat.notBeforeMs = performance.now() + seat.backOff.delayMs
    this.#context.onChange()
  }

  /** Whether this set has that validator. */
  holds({ shard, validator }: { readonly shard: number; readonly validator: number }): boolean {
    return (
      this.plan.shard === shard && this.#seats.some(({ state }) => state.validator === validator)
    )
  }

  /** Where a validator takes orders about links, `host:port`; null when it has no such door. */
  adminAddressOf(validator: number): string | null {
    const { adminPort } = this.#seatOf(validator).state
    return adminPort === null ? null : `${LOCAL_HOST}:${adminPort}`
  }

  /** Ends a validator with SIGKILL and keeps it down for so long; then it is started like any other. */
  kill(by: string, validator: number, downForMs: number): void {
    const seat = this.#seatOf(validator)
    if (downForMs > 0) seat.heldBy.set(by, performance.now() + downForMs)
    const identity = seat.process?.identity
    if (identity === undefined) {
      if (downForMs === 0)
        throw new LocalError('notRunning', `${this.plan.name}-${validator} is down.`)
      return
    }
    seat.killedBy = identity.pid
    signal(identity, 'SIGKILL')
  }

  /** Lets a validator start that a kill keeps down. */
  release(by: string, validator: number): void {
    this.#seatOf(validator).heldBy.delete(by)
    this.#context.onChange()
  }

  /**
   * Stops a validator's process where it stands, until as many resumes.
   * @throws {LocalError} when it does not run.
   */
  pause(by: string, validator: number): ProcessIdentity {
    const seat = this.#seatOf(validator)
    const identity = seat.process?.identity
    if (identity === undefined || !signal(identity, 'SIGSTOP'))
      throw new LocalError('notRunning', `${this.plan.name}-${validator} is down.`)
    seat.pausedBy.add(by)
    return identity
  }

  /** Takes one pause back; the process goes on when no other keeps it stopped. */
  resume(by: string, validator: number): void {
    const seat = this.#seatOf(validator)
    const wasPaused = seat.pausedBy.delete(by)
    if (wasPaused && seat.pausedBy.size === 0 && seat.process !== null)
      signal(seat.process.identity, 'SIGCONT')
  }

  /** Ends all of its processes, in good order where they let us. */
  async stop(): Promise<void> {
    const running = this.#seats.flatMap(({ process }) =>
      process === null ? [] : [process.identity],
    )
    await endProcesses(running, END_GRACE_MS)
  }

  status(): readonly ValidatorStatus[] {
    const { name, shard } = this.plan
    return this.#seats.map((seat) => {
      const { validator, httpPort, p2pPort, restarts } = seat.state
      const { dataDirectory, logFile } = this.filesOf(validator)
      return {
        name: `${name}-${validator}`,
        shard,
        validator,
        state: stateOf(seat),
        pid: seat.process?.identity.pid ?? null,
        httpAddress: `${LOCAL_HOST}:${httpPort}`,
        p2pAddress: `${LOCAL_HOST}:${p2pPort}`,
        restarts,
        lastEnd: seat.lastEnd,
        dataDirectory,
        logFile,
      }
    })
  }

  #seatOf(validator: number): Seat {
    const seat = this.#seats.find((each) => each.state.validator === validator)
    if (seat === undefined)
      throw new RangeError(`set ${this.plan.name} has no validator ${validator}`)
    return seat
  }
}

/** Not before its back-off is over and no fault keeps it down. */
function startableAt({ notBeforeMs, heldBy }: Seat): number {
  return Math.max(notBeforeMs, ...heldBy.values())
}

function stateOf(seat: Seat): ValidatorStatus['state'] {
  if (seat.pausedBy.size > 0) return 'paused'
  if (seat.process !== null) return seat.process.isReady ? 'ready' : 'starting'
  if (startableAt(seat) > Math.max(seat.notBeforeMs, performance.now())) return 'down'
  return seat.lastEnd === null ? 'stopped' : 'waiting'
}
