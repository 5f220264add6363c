import type { Effect } from '../../core/consensus/effect.ts'
import type { Recovery } from '../../core/consensus/recovery.ts'
import { decodeWith } from '../../core/primitives/byte-reader.ts'
import { readLogRecord } from '../../core/wire/log-record.ts'
import type { ChainIndex } from './chain-index.ts'

type CommitEffect = Extract<Effect, { kind: 'commit' }>

/** Takes a log's records, one by one, into the index and the replica, and keeps what the ledger still has to execute. */
export class LogReplay {
  /** Final blocks above the ledger's height, in order: to be executed before anything else. */
  readonly unexecuted: CommitEffect[] = []
  readonly #index: ChainIndex
  readonly #recovery: Recovery
  readonly #ledgerHeight: number
  #records = 0

  constructor(index: ChainIndex, recovery: Recovery, ledgerHeight: number) {
    this.#index = index
    this.#recovery = recovery
    this.#ledgerHeight = ledgerHeight
  }

  get records(): number {
    return this.#records
  }

  /** Takes the next record; returns what is wrong with it, or null. */
  take(position: number, bytes: Uint8Array): string | null {
    const decoded = decodeWith(bytes, readLogRecord)
    if (decoded.kind === 'malformed') return `record ${this.#records}: ${decoded.reason}`
    this.#index.add(decoded.value, position)
    for (const effect of this.#recovery.take(decoded.value)) {
      if (effect.kind === 'halt') return effect.reason
      if (effect.kind !== 'commit') continue
      const { height } = effect.proposal.header
      this.#index.addFinal({ height, hash: effect.hash })
      if (height > this.#ledgerHeight) this.unexecuted.push(effect)
    }
    this.#records++
    return null
  }
}
