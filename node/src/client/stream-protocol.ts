import {
  decodeWith,
  FormatError,
  type ByteReader,
  type Decoded,
} from '../core/primitives/byte-reader.ts'
import { ByteWriter } from '../core/primitives/byte-writer.ts'
import type { Hash } from '../core/primitives/hash.ts'
import { refusalNameOf, type RefusalCode } from './refusal-code.ts'

/** Path of the binary stream on a validator's HTTP port. */
export const STREAM_PATH = '/stream'
/** Most bytes of transactions in one SUBMIT. */
export const SUBMIT_BYTES_MAX = 1_048_576
/** Most entries in one REFUSED or ACKNOWLEDGED. */
export const REPLIES_PER_FRAME_MAX = 65_535

/** How much of each commit a subscriber gets. */
export type EventDetail = 'none' | 'digests' | 'full'
const DETAILS: readonly EventDetail[] = ['none', 'digests', 'full']

/** From client to validator. */
export type ClientFrame =
  /** From `fromHeight` on as far as the validator still has it; 0 means from now on. Replaces an earlier subscription. */
  | { readonly kind: 'subscribe'; readonly detail: EventDetail; readonly fromHeight: number }
  /** Concatenated transactions; the i-th is known as firstReference + i in the answers, modulo 2^32. */
  | { readonly kind: 'submit'; readonly firstReference: number; readonly transactions: Uint8Array }
  | { readonly kind: 'eventRequest'; readonly height: number }

/** A transaction that was not taken, and why. */
export interface Refusal {
  readonly reference: number
  readonly code: RefusalCode
}

/** Transactions firstReference .. firstReference + count - 1. */
export interface ReferenceRange {
  readonly firstReference: number
  readonly count: number
}

/** From validator to client. */
export type ServerFrame =
  /** The first frame: who answers. */
  | {
      readonly kind: 'welcome'
      readonly networkId: Hash
      readonly shard: number
      readonly validator: number
      readonly height: number
    }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] }
  /** Durable in this validator's log; not yet ordered. */
  | { readonly kind: 'acknowledged'; readonly ranges: readonly ReferenceRange[] }
  /** Canonical bytes of one block's CommitEvent. */
  | { readonly kind: 'event'; readonly event: Uint8Array }
  | {
      readonly kind: 'eventDigest'
      readonly height: number
      readonly blockHash: Hash
      readonly digest: Hash
    }
  /** Not taken, the queue is full: nothing of this range will be answered again. */
  | ({ readonly kind: 'busy'; readonly retryAfterMs: number } & ReferenceRange)
  /** The requested event is no longer (or not yet) in the validator's memory. */
  | { readonly kind: 'eventMissing'; readonly height: number }

const TYPES = {
  subscribe: 1,
  submit: 2,
  eventRequest: 3,
  welcome: 16,
  refused: 17,
  acknowledged: 18,
  event: 19,
  eventDigest: 20,
  busy: 21,
  eventMissing: 22,
} as const satisfies Record<(ClientFrame | ServerFrame)['kind'], number>

const SUBMIT_HEADER_BYTES = 5

/** Bytes of a client's frame. */
export function encodeClientFrame(frame: ClientFrame): Uint8Array {
  const writer = new ByteWriter(
    frame.kind === 'submit' ? SUBMIT_HEADER_BYTES + frame.transactions.length : 16,
  )
  writer.u8(TYPES[frame.kind])
  switch (frame.kind) {
    case 'subscribe':
      return writer.u8(DETAILS.indexOf(frame.detail)).u64(frame.fromHeight).finish()
    case 'submit':
      return writer.u32(frame.firstReference).raw(frame.transactions).finish()
    case 'eventRequest':
      return writer.u64(frame.height).finish()
  }
}

/** Reads a client's frame; `transactions` is a view into `bytes`. */
export function decodeClientFrame(bytes: Uint8Array): Decoded<ClientFrame> {
  return decodeWith(bytes, readClientFrame)
}

function readClientFrame(reader: ByteReader): ClientFrame {
  const type = reader.u8()
  switch (type) {
    case TYPES.subscribe: {
      const detail = DETAILS[reader.u8()]
      if (detail === undefined) throw new FormatError('unknown event detail')
      return { kind: 'subscribe', detail, fromHeight: reader.u64() }
    }
    case TYPES.submit: {
      const firstReference = reader.u32()
      if (reader.left > SUBMIT_BYTES_MAX)
        throw new FormatError(`${reader.left} bytes in one submit`)
      return { kind: 'submit', firstReference, transactions: reader.raw(reader.left) }
    }
    case TYPES.eventRequest:
      return { kind: 'eventRequest', height: reader.u64() }
    default:
      throw new FormatError(`client frame type ${type}`)
  }
}

/** Bytes of a validator's frame. */
export function encodeServerFrame(frame: ServerFrame): Uint8Array {
  const writer = new ByteWriter(frame.kind === 'event' ? frame.event.length + 1 : 128)
  writer.u8(TYPES[frame.kind])
  switch (frame.kind) {
    case 'welcome':
      return writer
        .hash(frame.networkId)
        .u16(frame.shard)
        .u16(frame.validator)
        .u64(frame.height)
        .finish()
    case 'refused':
      return writer
        .list(frame.refusals, (to, item) => to.u32(item.reference).u8(item.code))
        .finish()
    case 'acknowledged':
      return writer
        .list(frame.ranges, (to, item) => to.u32(item.firstReference).u32(item.count))
        .finish()
    case 'event':
      return writer.raw(frame.event).finish()
    case 'eventDigest':
      return writer.u64(frame.height).hash(frame.blockHash).hash(frame.digest).finish()
    case 'busy':
      return writer.u32(frame.firstReference).u32(frame.count).u32(frame.retryAfterMs).finish()
    case 'eventMissing':
      return writer.u64(frame.height).finish()
  }
}

/** Reads a validator's frame; `event` is a view into `bytes`. */
export function decodeServerFrame(bytes: Uint8Array): Decoded<ServerFrame> {
  return decodeWith(bytes, readServerFrame)
}

function readServerFrame(reader: ByteReader): ServerFrame {
  const type = reader.u8()
  switch (type) {
    case TYPES.welcome:
      return {
        kind: 'welcome',
        networkId: reader.hash(),
        shard: reader.u16(),
        validator: reader.u16(),
        height: reader.u64(),
      }
    case TYPES.refused:
      return { kind: 'refused', refusals: reader.list(REPLIES_PER_FRAME_MAX, readRefusal) }
    case TYPES.acknowledged:
      return {
        kind: 'acknowledged',
        ranges: reader.list(REPLIES_PER_FRAME_MAX, (from) => ({
          firstReference: from.u32(),
          count: from.u32(),
        })),
      }
    case TYPES.event:
      return { kind: 'event', event: reader.raw(reader.left) }
    case TYPES.eventDigest:
      return {
        kind: 'eventDigest',
        height: reader.u64(),
        blockHash: reader.hash(),
        digest: reader.hash(),
      }
    case TYPES.busy:
      return {
        kind: 'busy',
        firstReference: reader.u32(),
        count: reader.u32(),
        retryAfterMs: reader.u32(),
      }
    case TYPES.eventMissing:
      return { kind: 'eventMissing', height: reader.u64() }
    default:
      throw new FormatError(`server frame type ${type}`)
  }
}

function readRefusal(reader: ByteReader): Refusal {
  const reference = reader.u32()
  const code = reader.u8()
  if (refusalNameOf(code) === null) throw new FormatError(`refusal code ${code}`)
  // The line above proved that a refusal has this byte.
  return { reference, code: code as RefusalCode }
}
