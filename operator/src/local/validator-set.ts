import { shardPlanOf } from '../plan/shard-object.ts'
import { planValidators, type ValidatorsPlan } from '../plan/plan-validators.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'
import { afterDeath, type BackOff, NO_DEATHS } from './back-off.ts'
import { LOCAL_HOST } from './ports.ts'
import { endProcesses } from './process-identity.ts'
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
      return { state: each, process: null, backOff: NO_DEATHS, notBeforeMs: 0, lastEnd: null }
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
    const observed = this.#seats.map(({ state, process, notBeforeMs }) => {
      return {
        validator: state.validator,
        isRunning: process !== null,
        isBorn: state.isBorn,
        notBeforeMs,
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
    seat.process = null
    seat.state.process = null
    seat.state.restarts += 1
    seat.lastEnd = end.reason
    seat.backOff = afterDeath(seat.backOff, end.ranForMs)
    seat.notBeforeMs = performance.now() + seat.backOff.delayMs
    this.#context.onChange()
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

function stateOf(seat: Seat): ValidatorStatus['state'] {
  if (seat.process !== null) return seat.process.isReady ? 'ready' : 'starting'
  return seat.lastEnd === null ? 'stopped' : 'waiting'
}
