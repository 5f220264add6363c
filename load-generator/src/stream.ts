import type { EventDetail, ServerFrame } from '@shardnet/node/client'
import type { Target } from './network.ts'

/** An open connection to one validator. Sending on one that has closed does nothing: the close was or will be told. */
export interface ValidatorStream {
  subscribe(detail: EventDetail, fromHeight: number): void
  /** Transactions laid end to end; the i-th is answered as `firstReference + i`. */
  submit(firstReference: number, transactions: Uint8Array): void
  requestEvent(height: number): void
  /** Bytes handed over and not yet on their way: a validator that does not read lets them grow. */
  bufferedBytes(): number
  close(): void
}

/** What a connection tells. `onClosed` comes once, also when it never opened. */
export interface StreamHandlers {
  onFrame(frame: ServerFrame): void
  onClosed(): void
}

/** Opens connections: over WebSocket in production, in memory in tests. */
export type OpenStream = (target: Target, handlers: StreamHandlers) => ValidatorStream
