import type { FindingLog } from './finding-log.ts'
import {
  SIGNATURE_ROW_WORDS,
  type TransactionSignatures,
  type TransactionVerifier,
} from './signature-check.ts'
import type { SignatureWork } from './shard-book.ts'
import { transactionLayout } from './transaction-form.ts'

/** Keeps a bounded number of batches under way at the verifier while the logs are read. */
export class SignatureQueue {
  readonly #verifier: TransactionVerifier
  readonly #networkId: Uint8Array
  readonly #findings: FindingLog
  readonly #running = new Set<Promise<void>>()

  constructor(verifier: TransactionVerifier, networkId: Uint8Array, findings: FindingLog) {
    this.#verifier = verifier
    this.#networkId = networkId
    this.#findings = findings
  }

  /** Starts the check; a promise when the caller should wait before it brings more. */
  add(work: SignatureWork): Promise<void> | undefined {
    const running = this.#check(work).finally(() => this.#running.delete(running))
    this.#running.add(running)
    return this.#running.size < this.#verifier.concurrency ? undefined : Promise.race(this.#running)
  }

  /** Waits for all that is under way. */
  async drain(): Promise<void> {
    await Promise.all(this.#running)
  }

  async #check(work: SignatureWork): Promise<void> {
    const { shard, validator } = work
    const count = Math.min(work.rows.length / 2, this.#verifier.perBatchMax)
    const verdicts = await this.#verifier.verify(signaturesOf(work, count, this.#networkId))
    this.#findings.checked.transactionSignatures += count
    for (let index = 0; index < count; index++) {
      if (verdicts[index] === 1) continue
      const key = transactionLayout.payerKey + (work.rows[2 * index] ?? 0)
      const payer = Buffer.from(work.body.subarray(key, key + transactionLayout.keyBytes)).toString(
        'hex',
      )
      const message = `transaction ${index} of ${work.name}: the signature of payer ${payer}`
      this.#findings.add({ code: 'transactionForged', shard, validator, message })
    }
  }
}

function signaturesOf(
  { body, rows }: SignatureWork,
  count: number,
  networkId: Uint8Array,
): TransactionSignatures {
  const words = new Uint32Array(count * SIGNATURE_ROW_WORDS)
  for (let index = 0; index < count; index++) {
    const offset = rows[2 * index] ?? 0
    const signedLength = (rows[2 * index + 1] ?? 0) - transactionLayout.signatureBytes
    words.set(
      [offset + transactionLayout.payerKey, offset + signedLength, offset, signedLength],
      index * SIGNATURE_ROW_WORDS,
    )
  }
  return { prefix: networkId, bytes: body, rows: words }
}
