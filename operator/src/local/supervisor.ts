import { problemText } from './problem-text.ts'
import { durationMs } from '../api/field.ts'
import type { Testnet } from '../api/testnet.ts'
import { problemsOfChange } from '../plan/change.ts'
import { planTestnet } from '../plan/plan-testnet.ts'
import type { FaultRequest } from './control.ts'
import { FaultBoard } from './fault-board.ts'
import { FaultHands } from './fault-hands.ts'
import type { FaultStatus } from './fault-status.ts'
import { IdleWatch } from './idle-watch.ts'
import { LocalBackend, portsIn } from './local-backend.ts'
import { LocalError } from './local-error.ts'
import { mustBeFree } from './ports.ts'
import { endProcesses, ownIdentity } from './process-identity.ts'
import type { TestnetFolder } from './testnet-folder.ts'
import { processesIn, saveState, type TestnetState } from './testnet-state.ts'
import type { TestnetStatus } from './testnet-status.ts'

/** What a supervisor is given. */
export interface SupervisorOptions {
  readonly folder: TestnetFolder
  /** Where account tables are kept for all testnets. */
  readonly cacheFolder: string
  /** Path of the validator's main.ts. */
  readonly program: string
  /** Called once when everything has ended. */
  readonly onEnded: () => void
}

const RETRY_AFTER_FAILURE_MS = 5_000
const ORPHAN_GRACE_MS = 5_000
const TIMER_MS_MAX = 2_147_483_647

/** Makes one testnet true on this machine and keeps it true. It is the parent of all of its validators. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #state: TestnetState
  readonly #backend: LocalBackend
  #running: Promise<void> | null = null
  #isAgain = false
  #isEnding = false
  readonly #idle = new IdleWatch()
  #timer: NodeJS.Timeout | undefined
  #problem: string | null = null
  readonly #faults: FaultBoard

  constructor(options: SupervisorOptions, state: TestnetState) {
    this.#options = options
    this.#state = state
    this.#backend = new LocalBackend({ ...options, onChange: () => this.reconcile() }, state)
    this.#faults = new FaultBoard(new FaultHands(options.folder, () => this.#backend.newestSets()))
  }

  /**
   * Begins. Processes that an earlier supervisor left are ended first: their life line is gone.
   * @throws {LocalError} when somebody else has a port of this testnet by now.
   */
  async start(): Promise<void> {
    await endProcesses(processesIn(this.#state), ORPHAN_GRACE_MS)
    await mustBeFree(portsIn(this.#state))
    this.reconcile()
  }

  /**
   * Takes another document.
   * @throws {LocalError} when it changes what cannot change.
   */
  apply(document: Testnet): void {
    if (this.#isEnding) throw new LocalError('notRunning', 'The testnet is being taken down.')
    const problems = problemsOfChange(this.#state.document, document)
    if (problems.length > 0)
      throw new LocalError('unsupported', problems.map(problemText).join('\n'))
    this.#state.document = document
    saveState(this.#options.folder.stateFile, this.#state)
    this.reconcile()
  }

  /** Looks at everything again, soon. */
  reconcile(): void {
    this.#isAgain = true
    this.#running ??= this.#loop().finally(() => (this.#running = null))
  }

  /** Ends all validators, then says so. */
  end(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#faults.stop()
    clearTimeout(this.#timer)
    void this.#backend
      .stop()
      .then(() => this.#running)
      .then(() => this.#backend.stop())
      .then(this.#options.onEnded)
  }

  /** Does what is asked about faults. Returns those that were added, or else all that are remembered. */
  async handleFaults(request: FaultRequest): Promise<readonly FaultStatus[]> {
    if (this.#isEnding) throw new LocalError('notRunning', 'The testnet is being taken down.')
    if (request.kind === 'clearFaults') await this.#faults.clear(request.id)
    return request.kind === 'fault' ? this.#faults.add(request.faults) : this.#faults.list()
  }

  status(): TestnetStatus {
    const { document } = this.#state
    const generation = this.#backend.status()
    const isReady =
      generation.validators.length > 0 &&
      generation.validators.every((validator) => validator.state === 'ready')
    return {
      name: document.metadata.name,
      state: this.#isEnding ? 'ending' : isReady ? 'ready' : 'starting',
      folder: this.#options.folder.root,
      supervisor: ownIdentity(),
      document,
      ...generation,
      problem: this.#problem,
    }
  }

  async #loop(): Promise<void> {
    while (this.#isAgain && !this.#isEnding) {
      this.#isAgain = false
      clearTimeout(this.#timer)
      try {
        await this.#turn()
        this.#problem = null
      } catch (error) {
        console.error(error)
        this.#problem = error instanceof Error ? error.message : String(error)
        this.#wakeAfter(RETRY_AFTER_FAILURE_MS)
      }
    }
  }

  async #turn(): Promise<void> {
    const plan = planTestnet(this.#state.document, this.#backend.observe(this.#idle.idleMs()))
    for (const action of plan.actions) {
      if (this.#isEnding) return
      await this.#backend.carryOut(action)
    }
    if (plan.ending !== null && plan.actions.length === 0) {
      console.error(`The testnet is taken down: ${plan.ending}.`)
      this.end()
    } else if (plan.actions.length > 0) {
      this.#isAgain = true // The next turn sees what this one did.
    } else if (!this.#state.document.spec.paused) {
      const wakeAtMs = await this.#backend.driveValidators()
      const lookAgainMs = await this.#idle.look(
        this.#state.document,
        this.#backend.status().validators,
      )
      this.#wakeAfter(Math.min(wakeAtMs - performance.now(), this.#lifeLeftMs(), lookAgainMs))
    }
  }

  #lifeLeftMs(): number {
    const { ttl } = this.#state.document.spec
    if (ttl === undefined) return Number.POSITIVE_INFINITY
    return this.#state.createdAtMs + durationMs(ttl) - Date.now()
  }

  #wakeAfter(delayMs: number): void {
    if (this.#isEnding || delayMs === Number.POSITIVE_INFINITY) return
    const delay = Math.min(Math.max(delayMs, 0), TIMER_MS_MAX)
    this.#timer = setTimeout(() => this.reconcile(), delay)
  }
}
