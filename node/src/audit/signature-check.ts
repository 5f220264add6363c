import { ed25519 } from '@noble/curves/ed25519.js'
import { verify, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { peerKeyOf } from './network.ts'

/** Words of one row: key offset, signature offset, message offset, message length, in bytes of `bytes`. */
export const SIGNATURE_ROW_WORDS = 4

/** Signatures of one batch: each row's is over `prefix ‖ message` under the ZIP-215 rule. The signature pool takes this shape. */
export interface TransactionSignatures {
  readonly prefix: Uint8Array
  readonly bytes: Uint8Array
  readonly rows: Uint32Array
}

/** Who checks transaction signatures. */
export interface TransactionVerifier {
  /** For the report. */
  readonly name: string
  /** False when `verify` is given only a part of each batch. */
  readonly checksAll: boolean
  /** Transactions per batch that it wants to see; Infinity for all. */
  readonly perBatchMax: number
  /** Batches under way at a time. */
  readonly concurrency: number
  /** One byte per row: 1 when the signature holds. */
  verify(signatures: TransactionSignatures): Promise<Uint8Array>
}

/** Keys that stay decoded; a run has about as many payers. */
const KEYS_KEPT_MAX = 100_000
const verifyOffThread = promisify(verify)

/**
 * The audit's own check: OpenSSL first, because what it accepts ZIP-215 accepts too (it asks for more), and noble's
 * ZIP-215 for what OpenSSL refuses. All transactions of a batch, or the first `perBatchMax`.
 */
export function ownVerifier(perBatchMax: number = Number.POSITIVE_INFINITY): TransactionVerifier {
  const keys = new Map<string, KeyObject>()
  const checksAll = perBatchMax === Number.POSITIVE_INFINITY
  return {
    name: `OpenSSL, then noble ZIP-215${checksAll ? '' : `, first ${perBatchMax} of each batch`}`,
    checksAll,
    perBatchMax,
    concurrency: 8,
    verify: async ({ prefix, bytes, rows }) => {
      const verdicts = new Uint8Array(rows.length / SIGNATURE_ROW_WORDS)
      await Promise.all(
        Array.from(verdicts, async (_, index) => {
          const [key, signature, message, length] = rows.subarray(SIGNATURE_ROW_WORDS * index)
          if (
            key === undefined ||
            signature === undefined ||
            message === undefined ||
            length === undefined
          )
            return
          const signed = Buffer.concat([prefix, bytes.subarray(message, message + length)])
          const parts = {
            key: bytes.subarray(key, key + 32),
            signature: bytes.subarray(signature, signature + 64),
            signed,
          }
          verdicts[index] = (await holds(keys, parts)) ? 1 : 0
        }),
      )
      return verdicts
    },
  }
}

interface SignedParts {
  readonly key: Uint8Array
  readonly signature: Uint8Array
  readonly signed: Uint8Array
}

async function holds(keys: Map<string, KeyObject>, parts: SignedParts): Promise<boolean> {
  const { key, signature, signed } = parts
  const name = Buffer.from(key).toString('latin1')
  let keyObject = keys.get(name)
  if (keyObject === undefined) {
    keyObject = peerKeyOf(key)
    if (keys.size >= KEYS_KEPT_MAX) keys.clear()
    keys.set(name, keyObject)
  }
  if (await verifyOffThread(null, signed, keyObject, signature)) return true
  return ed25519.verify(signature, signed, key, { zip215: true })
}
