import type { ResultMark } from '@shardnet/load-generator'
import type { FaultPlan } from '@shardnet/operator/api'
import { durationMs, faultText } from '@shardnet/operator/api'
import {
  clearFaults,
  type FaultStatus,
  faultsOf,
  LocalError,
  putFaults,
  type TestnetStatus,
} from '@shardnet/operator/local'
import { problemsOfSelector } from '@shardnet/operator/plan'
import { InputError } from '../input-error.ts'
import { localPlace } from '../place.ts'

/** The faults of one load: put in when it begins, told as marks when it is over. */
export class FaultRun {
  readonly #testnet: string
  readonly #faults: readonly FaultPlan[]
  #putting: Promise<readonly FaultStatus[]> | null = null
  #startedAtMs = 0

  /** @throws {InputError} when the testnet has no such validators. */
  constructor({ name, network }: TestnetStatus, faults: readonly FaultPlan[]) {
    this.#testnet = name
    this.#faults = faults
    const committees = Array.from({ length: network?.shards ?? 0 }, (_, shard) => ({
      shard,
      size: network?.validatorsPerShard ?? 0,
      proposer: null,
    }))
    const problems = faults.flatMap((fault, index) =>
      problemsOfSelector(fault, committees).map(
        ({ path, expected, got }) =>
          `spec.faults[${index}].${path}: expected ${expected}, got ${got}`,
      ),
    )
    if (problems.length > 0) throw new InputError(problems)
  }

  /** The load is so far on its own clock; the first call puts the faults in, the supervisor keeps their times. */
  at(elapsedMs: number): void {
    if (this.#faults.length === 0 || this.#putting !== null) return
    this.#startedAtMs = Date.now() - elapsedMs
    const due = this.#faults.map((fault) => {
      const leftMs = Math.round(durationMs(fault.at ?? '') - elapsedMs)
      const { at: _, ...rest } = fault
      return leftMs > 0 ? { ...rest, at: `${leftMs}ms` } : rest
    })
    this.#putting = putFaults(localPlace(), this.#testnet, due)
    this.#putting.catch(() => undefined) // Told by marks().
  }

  /** Ends what is left of the faults and says what happened when. */
  async marks(): Promise<readonly ResultMark[]> {
    if (this.#putting === null) return []
    try {
      const ids = new Set((await this.#putting).map(({ id }) => id))
      for (const id of ids) await clearFaults(localPlace(), this.#testnet, id)
      const known = await faultsOf(localPlace(), this.#testnet)
      return known.filter(({ id }) => ids.has(id)).flatMap((each) => this.#marksOf(each))
    } catch (error) {
      if (!(error instanceof LocalError)) throw error
      return [{ atMs: 0, kind: 'note', text: `faults: ${error.message}` }]
    }
  }

  #marksOf(status: FaultStatus): readonly ResultMark[] {
    const { fault, targets, state, appliedAtMs, endedAtMs, startsAtMs, notes } = status
    const text = `${faultText(fault)} on ${targets.join(', ') || 'nobody'}`
    const after = notes.length === 0 ? '' : ` (${notes.join('; ')})`
    const onLoadClock = (atMs: number): number => Math.max(0, Math.round(atMs - this.#startedAtMs))
    if (appliedAtMs === null)
      return [{ atMs: onLoadClock(startsAtMs), kind: 'fault', text: `${text}: ${state}${after}` }]
    const begin = {
      atMs: onLoadClock(appliedAtMs),
      kind: 'fault',
      text: `${text}${after}`,
    } as const
    if (endedAtMs === null || fault.for === undefined) return [begin]
    return [{ ...begin, untilMs: onLoadClock(endedAtMs) }]
  }
}
