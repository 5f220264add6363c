import { hash } from 'node:crypto'
import type { BatchVerdict } from '../../core/consensus/input.ts'
import type { Effect } from '../../core/consensus/effect.ts'
import { bytesOfHash, type Hash } from '../../core/primitives/hash.ts'
import { arenaOf, type FormRules } from '../../core/wire/transaction.ts'
import type { SignaturePool } from '../signatures/signature-pool.ts'
import { rowsOfBatch } from './batch-rows.ts'

/** What a check found, and how many signatures it cost. */
export interface BatchCheck {
  readonly verdict: BatchVerdict
  readonly signatures: number
}

type CheckedBytes = Pick<Extract<Effect, { kind: 'checkBatch' }>, 'signed' | 'body'>

/** What the bytes alone decide: the rows of all signatures that are left to check, or why they need not be. */
export function judgeForm(
  { signed, body }: CheckedBytes,
  rules: FormRules,
): Uint32Array | 'badBody' | 'badForm' {
  const { header } = signed
  if (hash('sha256', body, 'hex') !== header.bodyHash) return 'badBody'
  const rows = rowsOfBatch(arenaOf(body), header.count, rules)
  return typeof rows === 'string' ? 'badForm' : rows
}

/** Judges batches of other authors: a pure function of their bytes and the genesis, computed off the consensus thread. */
export class BatchChecker {
  readonly #pool: SignaturePool
  readonly #prefix: Uint8Array
  readonly #rules: FormRules

  constructor(pool: SignaturePool, networkId: Hash, rules: FormRules) {
    this.#pool = pool
    this.#prefix = bytesOfHash(networkId)
    this.#rules = rules
  }

  /** @throws SignaturePoolError when the pool ends meanwhile. */
  async check({ signed, body }: Extract<Effect, { kind: 'checkBatch' }>): Promise<BatchCheck> {
    const rows = judgeForm({ signed, body }, this.#rules)
    if (typeof rows === 'string') return { verdict: rows, signatures: 0 }
    const verdicts = await this.#pool.verify({
      prefix: this.#prefix,
      bytes: body,
      rows,
      verdict: 'all',
    })
    return {
      verdict: verdicts.every((verdict) => verdict === 1) ? 'valid' : 'badSignature',
      signatures: signed.header.count,
    }
  }
}
