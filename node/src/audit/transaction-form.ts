import type { ShardRules } from './network.ts'

/**
 * The layout of a version 1 transaction, read here from its description and not through `core/wire`, so that a mistake in
 * the shared reader cannot hide itself: header of 64 bytes, payees of 40 (address 32, amount u64), data, signature 64. The data
 * of a transfer is its payload; that of a cell kind is key 32, expected value, new value, payload.
 */
const HEADER_BYTES = 64
const PAYEE_BYTES = 40
const SIGNATURE_BYTES = 64
const PAYEES_MAX = 16
const CELL_KEY_BYTES = 32
const CELL_VALUE_BYTES_MAX = 128
const SAFE_MAX = 9_007_199_254_740_991n
const NONCES_ABOVE_BASE = 64n

export const kinds = { transfer: 1, put: 2, compareAndSet: 3, get: 4 } as const

/** Where the parts of a transaction begin, counted from its own start. */
export const transactionLayout = {
  kind: 1,
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
  expectedLength: 61,
  valueLength: 62,
  cellKey: HEADER_BYTES,
  cellKeyBytes: CELL_KEY_BYTES,
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
  const kind = view.getUint8(offset + 1)
  if (kind < kinds.transfer || kind > kinds.get) return `kind ${kind}`
  if (view.getUint32(offset + 4) !== rules.networkTag) return 'tag of another network'
  const slot = view.getUint16(offset + 2)
  if (slot < rules.slotFirst || slot >= rules.slotEnd) return `payer slot ${slot} of another shard`
  if (view.getBigUint64(offset + 40) > SAFE_MAX - NONCES_ABOVE_BASE) return 'nonce too large'
  return kind === kinds.transfer
    ? transferProblemAt(view, offset, rules)
    : cellProblemAt(view, offset, rules)
}

function transferProblemAt(view: DataView, offset: number, rules: FormFacts): string | null {
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

function cellProblemAt(view: DataView, offset: number, rules: FormFacts): string | null {
  const kind = view.getUint8(offset + 1)
  const expected = view.getUint8(offset + transactionLayout.expectedLength)
  const value = view.getUint8(offset + transactionLayout.valueLength)
  if (view.getUint8(offset + 60) !== 0 || view.getUint8(offset + 63) !== 0)
    return 'reserved bytes are not zero'
  if (kind !== kinds.compareAndSet && expected !== 0)
    return 'an expected value to compare with nothing'
  if (kind === kinds.get && value !== 0) return 'a read that writes'
  if (kind !== kinds.get && value === 0) return 'an empty value'
  if (Math.max(expected, value) > CELL_VALUE_BYTES_MAX) return 'value too long'
  const payload = view.getUint32(offset + 56) - (CELL_KEY_BYTES + expected + value)
  if (payload < 0) return 'values longer than the data'
  if (payload > rules.payloadBytesMax) return 'payload too long'
  const slot = view.getUint16(offset + HEADER_BYTES)
  return slot >= rules.slotFirst && slot < rules.slotEnd
    ? null
    : `cell slot ${slot} of another shard`
}
