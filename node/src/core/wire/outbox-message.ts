import type { ByteReader } from '../primitives/byte-reader.ts'
import type { ByteWriter } from '../primitives/byte-writer.ts'
import { ADDRESS_BYTES, TAG_BYTES } from './transaction.ts'

/**
 * A message from one shard to another, as bytes in an outbox. Fixed layout, 96 bytes, big-endian:
 * 0 u8 kind (1 credit) · 1 u8 index of the payee in its transaction · 2 u16 source shard · 4 4 bytes zero ·
 * 8 tag of the transaction (8) · 16 u64 nonce · 24 payer's address (32) · 56 payee's address (32) · 88 u64 amount.
 */
export const OUTBOX_MESSAGE_BYTES = 96
export const outboxMessageKind = { credit: 1 } as const

export interface CreditMessage {
  readonly payeeIndex: number
  readonly source: number
  readonly tag: Uint8Array
  readonly nonce: number
  readonly payer: Uint8Array
  readonly payee: Uint8Array
  readonly amount: number
}

export function writeCreditMessage(writer: ByteWriter, message: CreditMessage): void {
  writer
    .u8(outboxMessageKind.credit)
    .u8(message.payeeIndex)
    .u16(message.source)
    .u32(0)
    .raw(message.tag)
  writer.u64(message.nonce).raw(message.payer).raw(message.payee).u64(message.amount)
}

/** Returns null for another kind or a non-zero reserved byte; the importer refuses the bundle. */
export function readCreditMessage(reader: ByteReader): CreditMessage | null {
  const kind = reader.u8()
  const payeeIndex = reader.u8()
  const source = reader.u16()
  const reserved = reader.u32()
  const tag = reader.raw(TAG_BYTES)
  const nonce = reader.u64()
  const payer = reader.raw(ADDRESS_BYTES)
  const payee = reader.raw(ADDRESS_BYTES)
  const amount = reader.u64()
  if (kind !== outboxMessageKind.credit || reserved !== 0) return null
  return { payeeIndex, source, tag, nonce, payer, payee, amount }
}
