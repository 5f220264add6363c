import { sha256, domainHash, type Hash } from '../primitives/hash.ts'
import { joinBytes } from '../primitives/bytes.ts'
import { checkCellForm } from './cell-form.ts'
import { transactionKind } from './transaction-kind.ts'

/**
 * The one transaction format, version 1. Big-endian, canonical, read in place: no object per transaction on the road from
 * socket to log to verifier to executor. Byte by byte in docs/wire-format.md, vectors in docs/vectors/.
 *
 *     0  u8  format version (1)      8  32  payer's ed25519 key      56  u32  length of the data behind the items
 *     1  u8  kind                   40  u64 nonce                    60  u8   payees (transfer: 1..16, else 0)
 *     2  u16 payer's slot           48  u32 validUntil (height)      61  3    zero (cells: two lengths, zero)
 *     4  4   network tag            52  u32 fee                      64  items, data, 64-byte signature
 *
 * An item of a transfer is an address (32) and an amount (u64), its data is the payload; what the data of the other kinds
 * is stands in `cell-form.ts`. The length follows in one way for all kinds. The signature is over networkId || bytes before it.
 */
const TRANSACTION_VERSION = 1
export const TRANSACTION_HEADER_BYTES = 64
export const PAYEE_BYTES = 40
export const SIGNATURE_BYTES = 64
export const ADDRESS_BYTES = 32
export const PAYEES_MAX = 16
export const PAYLOAD_BYTES_MAX = 65_536
export const TRANSACTION_BYTES_MAX =
  TRANSACTION_HEADER_BYTES + PAYEES_MAX * PAYEE_BYTES + PAYLOAD_BYTES_MAX + SIGNATURE_BYTES

export const offsetOf = {
  version: 0,
  kind: 1,
  payerSlot: 2,
  networkTag: 4,
  payerKey: 8,
  nonce: 40,
  validUntil: 48,
  fee: 52,
  payloadLength: 56,
  payeeCount: 60,
  reserved: 61,
  items: TRANSACTION_HEADER_BYTES,
} as const

/** Why bytes are not a transaction of this network that this shard may take. Static: from the bytes and the genesis alone. */
export type FormRejection =
  | 'MALFORMED'
  | 'UNSUPPORTED_VERSION'
  | 'UNSUPPORTED_KIND'
  | 'WRONG_NETWORK'
  | 'WRONG_SHARD'
  | 'TOO_LARGE'
  | 'BAD_AMOUNT'

/** A byte range that holds transactions. */
export interface Arena {
  readonly bytes: Uint8Array
  readonly view: DataView
}

/** Wraps bytes for reading in place. */
export function arenaOf(bytes: Uint8Array): Arena {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

/** Total length of the transaction at `offset`, from its header; 0 when not even a header fits. */
export function transactionLengthAt(arena: Arena, offset: number): number {
  if (offset + TRANSACTION_HEADER_BYTES > arena.bytes.length) return 0
  const payees = arena.view.getUint8(offset + offsetOf.payeeCount)
  const payload = arena.view.getUint32(offset + offsetOf.payloadLength)
  return TRANSACTION_HEADER_BYTES + payees * PAYEE_BYTES + payload + SIGNATURE_BYTES
}

/** 64 bits as a number; above 2^53 - 1 the result is Infinity, which every bound refuses. */
export function amountAt(arena: Arena, offset: number): number {
  const high = arena.view.getUint32(offset)
  return high > 0x1f_ffff
    ? Number.POSITIVE_INFINITY
    : high * 0x1_0000_0000 + arena.view.getUint32(offset + 4)
}

/** What the static check needs to know: all of it is fixed by the genesis. */
export interface FormRules {
  /** First 4 bytes of the network id as a big-endian number. */
  readonly networkTag: number
  /** Payer slots of this shard: first <= slot < end. */
  readonly slotFirst: number
  readonly slotEnd: number
  readonly payloadBytesMax: number
}

/**
 * The static check of one transaction. The same answer on every validator for ever: it reads bytes and genesis parameters only.
 * Returns its length in bytes, or why it is refused.
 */
export function checkForm(arena: Arena, offset: number, rules: FormRules): number | FormRejection {
  const length = transactionLengthAt(arena, offset)
  if (length === 0 || offset + length > arena.bytes.length) return 'MALFORMED'
  const { view } = arena
  if (view.getUint8(offset + offsetOf.version) !== TRANSACTION_VERSION) return 'UNSUPPORTED_VERSION'
  if (view.getUint32(offset + offsetOf.networkTag) !== rules.networkTag) return 'WRONG_NETWORK'
  const kind = view.getUint8(offset + offsetOf.kind)
  if (kind < transactionKind.transfer || kind > transactionKind.get) return 'UNSUPPORTED_KIND'
  const slot = view.getUint16(offset + offsetOf.payerSlot)
  if (slot < rules.slotFirst || slot >= rules.slotEnd) return 'WRONG_SHARD'
  if (amountAt(arena, offset + offsetOf.nonce) > Number.MAX_SAFE_INTEGER - 64) return 'MALFORMED'
  const rejection =
    kind === transactionKind.transfer
      ? checkTransferForm(arena, offset, rules)
      : checkCellForm(view, offset, rules)
  return rejection ?? length
}

function checkTransferForm(arena: Arena, offset: number, rules: FormRules): FormRejection | null {
  const { view } = arena
  if (view.getUint32(offset + offsetOf.payloadLength) > rules.payloadBytesMax) return 'TOO_LARGE'
  const reserved = offset + offsetOf.reserved
  if (view.getUint8(reserved) !== 0 || view.getUint16(reserved + 1) !== 0) return 'MALFORMED'
  const payees = arena.view.getUint8(offset + offsetOf.payeeCount)
  if (payees < 1 || payees > PAYEES_MAX) return 'MALFORMED'
  let total = arena.view.getUint32(offset + offsetOf.fee)
  for (let i = 0; i < payees; i++) {
    const amount = amountAt(arena, offset + offsetOf.items + i * PAYEE_BYTES + ADDRESS_BYTES)
    if (amount === 0) return 'BAD_AMOUNT'
    total += amount
  }
  return total > Number.MAX_SAFE_INTEGER ? 'BAD_AMOUNT' : null
}

/** One payee of a transfer. */
export interface Payee {
  readonly address: Uint8Array
  readonly amount: number
}

/** What a client decides about a transaction of any kind. */
export interface HeaderFields {
  readonly networkId: Hash
  readonly payerSlot: number
  readonly payerKey: Uint8Array
  readonly nonce: number
  /** Last height of the payer's shard at which it may execute. */
  readonly validUntil: number
  readonly fee: number
}

/** What a client decides about a transfer, before the signature. */
export interface TransferFields extends HeaderFields {
  readonly payees: readonly Payee[]
  readonly payload: Uint8Array
}

/** Encodes a transfer with its signature bytes left zero; sign `networkId || result without its last 64 bytes` and put it there. */
export function encodeTransfer(fields: TransferFields): Uint8Array {
  const length =
    TRANSACTION_HEADER_BYTES +
    fields.payees.length * PAYEE_BYTES +
    fields.payload.length +
    SIGNATURE_BYTES
  const arena = arenaOf(new Uint8Array(length))
  const { bytes, view } = arena
  writeTransactionHeader(bytes, transactionKind.transfer, fields)
  view.setUint32(offsetOf.payloadLength, fields.payload.length)
  view.setUint8(offsetOf.payeeCount, fields.payees.length)
  let offset: number = offsetOf.items
  for (const payee of fields.payees) {
    bytes.set(payee.address, offset)
    setAmount(arena, offset + ADDRESS_BYTES, payee.amount)
    offset += PAYEE_BYTES
  }
  bytes.set(fields.payload, offset)
  return bytes
}

/** Writes what the headers of all kinds have in common; `bytes` is the whole transaction. */
export function writeTransactionHeader(
  bytes: Uint8Array,
  kind: number,
  fields: HeaderFields,
): void {
  const arena = arenaOf(bytes)
  const { view } = arena
  view.setUint8(offsetOf.version, TRANSACTION_VERSION)
  view.setUint8(offsetOf.kind, kind)
  view.setUint16(offsetOf.payerSlot, fields.payerSlot)
  view.setUint32(offsetOf.networkTag, networkTagOf(fields.networkId))
  bytes.set(fields.payerKey, offsetOf.payerKey)
  setAmount(arena, offsetOf.nonce, fields.nonce)
  view.setUint32(offsetOf.validUntil, fields.validUntil)
  view.setUint32(offsetOf.fee, fields.fee)
}

function setAmount(arena: Arena, offset: number, amount: number): void {
  arena.view.setUint32(offset, Math.floor(amount / 0x1_0000_0000))
  arena.view.setUint32(offset + 4, amount % 0x1_0000_0000)
}

/** First 4 bytes of the network id: lets a door say WRONG_NETWORK instead of "bad signature". The signature covers all 32. */
export function networkTagOf(networkId: Hash): number {
  return Number.parseInt(networkId.slice(0, 8), 16)
}

/**
 * Address = slot (u16, chosen by the owner) || first 30 bytes of SHA-256 over one 64-byte block:
 * 30 bytes tag "shardnet/address/v1" zero-padded, slot, key. One block, so that a batch of them hashes level by level.
 */
export function addressOf(slot: number, key: Uint8Array): Uint8Array {
  const block = new Uint8Array(64)
  block.set(ADDRESS_TAG)
  block[30] = slot >> 8
  block[31] = slot & 0xff
  block.set(key, 32)
  const address = new Uint8Array(ADDRESS_BYTES)
  address[0] = slot >> 8
  address[1] = slot & 0xff
  address.set(sha256(block).subarray(0, 30), 2)
  return address
}

/** The 30-byte tag in front of every address preimage. */
export const ADDRESS_TAG = Uint8Array.from(
  Array.from('shardnet/address/v1'.padEnd(30, '\0'), (character) => character.charCodeAt(0)),
)

/** Transaction id: hash of the network id and the signed bytes, signature excluded. */
export function transactionIdOf(networkId: Uint8Array, transaction: Uint8Array): Hash {
  return domainHash(
    'shardnet/transaction/v1',
    joinBytes([networkId, transaction.subarray(0, -SIGNATURE_BYTES)]),
  )
}

/**
 * The tag by which commit events name a transaction: the first 8 bytes of its signature, as 16 hexadecimal characters elsewhere.
 * Nobody but the payer can make a second transaction with the same tag, and doing so only confuses the payer's own client.
 */
export const TAG_BYTES = 8
