import { setTimeout as delay } from 'node:timers/promises'
import type { FaultPlan } from '../api/fault.ts'
import {
  type FaultStep,
  type ObservedCommittee,
  planFault,
  problemsOfSelector,
  windowOf,
} from '../plan/fault-plan.ts'
import { FAULTS_MAX, type FaultStatus } from './fault-status.ts'
import { LocalError } from './local-error.ts'
import { problemText } from './problem-text.ts'

/** How faults reach the validators of this machine. */
export interface FaultPorts {
  /** Committees of the wanted generation, with their proposers of the moment where a fault asks for them. */
  readonly observe: (withProposers: boolean) => Promise<readonly ObservedCommittee[]>
  /** Does one step for so long; throws when the validator cannot be reached now. */
  readonly carryOut: (id: string, step: FaultStep, forMs: number) => Promise<void>
  /** Undoes one step; harmless when it is undone already. */
  readonly undo: (id: string, step: FaultStep) => Promise<void>
  readonly nameOf: (target: FaultStep['target']) => string
}

interface Entry {
  status: FaultStatus
  readonly over: AbortController
  readonly begun: PromiseWithResolvers<void>
  done: FaultStep[]
}

const RETRY_MS = 250
/** A proposer is asked for again until one is known, for at most this long. */
const OBSERVE_MS_MAX = 5_000
/** An answer waits no longer for its faults to begin. */
const BEGIN_MS_MAX = 3_000

/**
 * The faults of one testnet: each begins at its time, is tried again on validators that cannot be reached, and is undone at
 * its deadline, whatever became of the command that asked for it. Dies with its supervisor, as do all of its validators.
 */
export class FaultBoard {
  readonly #ports: FaultPorts
  readonly #entries = new Map<string, Entry>()
  #count = 0

  constructor(ports: FaultPorts) {
    this.#ports = ports
  }

  /**
   * Takes faults; they begin at their time. Returns them when those that begin at once have had a moment to do so.
   * @throws {LocalError} with all problems, when the testnet has no such validators: then none is taken.
   */
  async add(faults: readonly FaultPlan[]): Promise<readonly FaultStatus[]> {
    const committees = await this.#ports.observe(false)
    const problems = faults.flatMap((fault) => problemsOfSelector(fault, committees))
    if (problems.length > 0)
      throw new LocalError('unsupported', problems.map(problemText).join('\n'))
    this.#forgetOldest(faults.length)
    const entries = faults.map((fault) => this.#add(fault))
    const atOnce = entries.filter(({ status }) => status.fault.at === undefined)
    const begun = Promise.all(atOnce.map((entry) => entry.begun.promise))
    await Promise.race([begun, delay(BEGIN_MS_MAX)])
    return entries.map(({ status }) => status)
  }

  list(): readonly FaultStatus[] {
    return [...this.#entries.values()].map(({ status }) => status)
  }

  /**
   * Ends a fault before its time, or all of them.
   * @throws {LocalError} when there is none of that id.
   */
  async clear(id: string | null): Promise<void> {
    const entry = id === null ? undefined : this.#entries.get(id)
    if (id !== null && entry === undefined) {
      const known = [...this.#entries.keys()].join(', ') || 'none'
      throw new LocalError('unsupported', `There is no fault ${id}; there are: ${known}.`)
    }
    const meant = entry === undefined ? [...this.#entries.values()] : [entry]
    await Promise.all(meant.map((each) => this.#end(each, 'cleared')))
  }

  /** No fault begins any more; what was done to processes ends with them. */
  stop(): void {
    for (const { over } of this.#entries.values()) over.abort()
  }

  #add(fault: FaultPlan): Entry {
    const id = `f${++this.#count}`
    const { atMs, forMs } = windowOf(fault)
    const startsAtMs = Date.now() + atMs
    const entry: Entry = {
      status: {
        id,
        fault,
        state: 'scheduled',
        targets: [],
        startsAtMs,
        endsAtMs: startsAtMs + forMs,
        appliedAtMs: null,
        endedAtMs: null,
        notes: [],
      },
      over: new AbortController(),
      begun: Promise.withResolvers<void>(),
      done: [],
    }
    this.#entries.set(id, entry)
    void this.#run(entry).catch((error: unknown) => {
      if (!entry.over.signal.aborted) console.error(error)
    })
    return entry
  }

  async #run(entry: Entry): Promise<void> {
    const { signal } = entry.over
    await delay(Math.max(0, entry.status.startsAtMs - Date.now()), undefined, { signal })
    const pending = await this.#plan(entry)
    const first = await this.#apply(entry, pending)
    entry.begun.resolve()
    const left = first.length === 0 ? first : await this.#retry(entry, first)
    for (const { target } of left) {
      entry.status.notes.push(`${this.#ports.nameOf(target)} could not be reached`)
    }
    await delay(Math.max(0, entry.status.endsAtMs - Date.now()), undefined, { signal })
    await this.#end(entry, entry.done.length === 0 ? 'failed' : 'over')
  }

  async #plan(entry: Entry): Promise<readonly FaultStep[]> {
    const { fault, id } = entry.status
    const isOnProposer = fault.selector.role === 'Proposer'
    const untilMs = Math.max(entry.status.endsAtMs, Date.now() + OBSERVE_MS_MAX)
    for (;;) {
      const committees = await this.#ports.observe(isOnProposer)
      const { steps, warnings } = planFault(id, fault, committees)
      if (steps.length > 0 || Date.now() >= untilMs) {
        entry.status.notes.push(...warnings)
        return steps
      }
      await delay(RETRY_MS, undefined, { signal: entry.over.signal })
    }
  }

  async #retry(entry: Entry, steps: readonly FaultStep[]): Promise<readonly FaultStep[]> {
    let left = steps
    while (left.length > 0 && Date.now() + RETRY_MS < entry.status.endsAtMs) {
      await delay(RETRY_MS, undefined, { signal: entry.over.signal })
      left = await this.#apply(entry, left)
    }
    return left
  }

  /** Returns the steps that could not be done now. */
  async #apply(entry: Entry, steps: readonly FaultStep[]): Promise<readonly FaultStep[]> {
    const { id, endsAtMs } = entry.status
    const left: FaultStep[] = []
    await Promise.all(
      steps.map(async (step) => {
        const forMs = Math.max(0, Math.ceil(endsAtMs - Date.now()))
        try {
          await this.#ports.carryOut(id, step, forMs)
        } catch (error) {
          console.error(`${id}: ${error instanceof Error ? error.message : String(error)}`)
          left.push(step)
          return
        }
        if (entry.over.signal.aborted) await this.#ports.undo(id, step)
        else this.#note(entry, step)
      }),
    )
    return left
  }

  #note({ status, done }: Entry, step: FaultStep): void {
    done.push(step)
    // Steps come back in any order; who was hit is told in one.
    status.targets.push(this.#ports.nameOf(step.target))
    status.targets.sort()
    status.state = 'active'
    status.appliedAtMs ??= Date.now()
    console.log(
      `${new Date().toISOString()} fault ${status.id}: ${status.fault.action} ${this.#ports.nameOf(step.target)}`,
    )
  }

  async #end(entry: Entry, state: 'over' | 'cleared' | 'failed'): Promise<void> {
    const { status, over } = entry
    if (status.endedAtMs !== null) return
    const isOpen = status.state === 'scheduled' || status.state === 'active'
    if (!isOpen) return
    entry.status = { ...status, state, endedAtMs: Date.now() }
    over.abort()
    console.log(`${new Date().toISOString()} fault ${status.id}: ${state}`)
    await Promise.all(entry.done.map((step) => this.#ports.undo(status.id, step)))
  }

  #forgetOldest(more: number): void {
    for (const [id, { status }] of this.#entries) {
      if (this.#entries.size + more <= FAULTS_MAX) return
      if (status.endedAtMs !== null) this.#entries.delete(id)
    }
    if (this.#entries.size + more > FAULTS_MAX)
      throw new LocalError('unsupported', `At most ${FAULTS_MAX} faults at once.`)
  }
}
