import { durationMs } from '../api/field.ts'
import type { Testnet } from '../api/testnet.ts'
import type { ValidatorStatus } from './testnet-status.ts'

const ANSWER_MS = 2_000
const LOOKS_PER_TIME = 5
const LOOK_EVERY_MS_MAX = 30_000
/** Counts results of executed transactions; a block of an idle shard adds none. */
const RESULTS_METRIC = /^shardnet_ledger_results_total\{[^}]*\} ([0-9.e+]+)$/gm

/** Knows for how long a testnet committed no transaction. Looks only where somebody asked to be told. */
export class IdleWatch {
  #busyAtMs = performance.now()
  #results = 0

  /** Since the last look that found a new transaction, or since the start. */
  idleMs(): number {
    return performance.now() - this.#busyAtMs
  }

  /** Looks at one validator of each shard. Returns when to look again. */
  async look({ spec }: Testnet, validators: readonly ValidatorStatus[]): Promise<number> {
    if (spec.idleAfter === undefined) return Number.POSITIVE_INFINITY
    const ready = validators.filter(({ state }) => state === 'ready')
    const doors = new Map(ready.map(({ shard, httpAddress }) => [shard, httpAddress]))
    const counts = await Promise.all([...doors.values()].map(resultsOf))
    const results = counts.reduce((sum, count) => sum + count, 0)
    // One that does not answer, or another one of the shard that lags, tells less: only more is news.
    if (results > this.#results) this.#busyAtMs = performance.now()
    this.#results = Math.max(results, this.#results)
    return Math.min(LOOK_EVERY_MS_MAX, durationMs(spec.idleAfter) / LOOKS_PER_TIME)
  }
}

/** Transactions that a validator has executed since its start; 0 when it does not answer. */
async function resultsOf(httpAddress: string): Promise<number> {
  try {
    const response = await fetch(`http://${httpAddress}/metrics`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    const text = await response.text()
    return [...text.matchAll(RESULTS_METRIC)].reduce((sum, [, count]) => sum + Number(count), 0)
  } catch {
    return 0 // It may be restarting: the next look tells.
  }
}
