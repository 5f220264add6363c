import type { ShardRules } from './network.ts'

/**
 * The layout of a version 1 transfer, read here from its description and not through `core/wire`, so that a mistake in
 * the shared reader cannot hide itself: header of 64 bytes, payees of 40 (address 32, amount u64), payload, signature 64.
 */
const HEADER_BYTES = 64
const PAYEE_BYTES = 40
const SIGNATURE_BYTES = 64
const PAYEES_MAX = 16
const SAFE_MAX = 9_007_199_254_740_991n
const NONCES_ABOVE_BASE = 64n

/** Where the parts of a transaction begin, counted from its own start. */
export const transferLayout = {
  payerSlot: 2,
  payerKey: 8,
  nonce: 40,
  validUntil: 48,
  fee: 52,
  payees: HEADER_BYTES,
  payeeBytes: PAYEE_BYTES,
  amountInPayee: 32,
  keyBytes: 32,
  signatureBytes: SIGNATURE_BYTES,
} as const

/** Offsets and lengths of a batch's transactions, in order: offset 0, length 0, offset 1, …. */
interface BatchForm {
  readonly kind: 'valid'
  readonly rows: Uint32Array
}

/** Which transaction of a batch breaks which rule. */
interface FormProblem {
  readonly kind: 'invalid'
  readonly message: string
}

/** What the form of a transaction depends on. */
export type FormFacts = Pick<ShardRules, 'networkTag' | 'slotFirst' | 'slotEnd' | 'payloadBytesMax'>

/** The static check of a whole body: `count` transactions, end to end, each of this network and payable by this shard. */
export function checkBatchForm(
  body: Uint8Array,
  count: number,
  rules: FormFacts,
): BatchForm | FormProblem {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const rows = new Uint32Array(2 * count)
  let offset = 0
  for (let index = 0; index < count; index++) {
    const length = lengthAt(view, offset)
    if (length === null)
      return { kind: 'invalid', message: `transaction ${index} of ${count} is cut off` }
    const problem = problemAt(view, offset, rules)
    if (problem !== null) return { kind: 'invalid', message: `transaction ${index}: ${problem}` }
    rows[2 * index] = offset
    rows[2 * index + 1] = length
    offset += length
  }
  if (offset !== body.length)
    return { kind: 'invalid', message: `${body.length - offset} bytes behind the last transaction` }
  return { kind: 'valid', rows }
}

function lengthAt(view: DataView, offset: number): number | null {
  if (offset + HEADER_BYTES > view.byteLength) return null
  const length =
    HEADER_BYTES +
    view.getUint8(offset + 60) * PAYEE_BYTES +
    view.getUint32(offset + 56) +
    SIGNATURE_BYTES
  return offset + length > view.byteLength ? null : length
}

function problemAt(view: DataView, offset: number, rules: FormFacts): string | null {
  if (view.getUint8(offset) !== 1) return `version ${view.getUint8(offset)}`
  if (view.getUint8(offset + 1) !== 1) return `kind ${view.getUint8(offset + 1)}`
  if (view.getUint32(offset + 4) !== rules.networkTag) return 'tag of another network'
  const slot = view.getUint16(offset + 2)
  if (slot < rules.slotFirst || slot >= rules.slotEnd) return `payer slot ${slot} of another shard`
  if (view.getBigUint64(offset + 40) > SAFE_MAX - NONCES_ABOVE_BASE) return 'nonce too large'
  if (view.getUint32(offset + 56) > rules.payloadBytesMax) return 'payload too long'
  if ((view.getUint32(offset + 60) & 0xff_ffff) !== 0) return 'reserved bytes are not zero'
  const payees = view.getUint8(offset + 60)
  if (payees < 1 || payees > PAYEES_MAX) return `${payees} payees`
  let total = BigInt(view.getUint32(offset + 52))
  for (let payee = 0; payee < payees; payee++) {
    const amount = view.getBigUint64(offset + HEADER_BYTES + payee * PAYEE_BYTES + 32)
    if (amount === 0n) return `payee ${payee} gets nothing`
    total += amount
  }
  return total > SAFE_MAX ? 'amounts above 2^53 - 1' : null
}
