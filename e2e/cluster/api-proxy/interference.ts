import type { ApiCall } from './api-call.ts'

/** What becomes of one request. */
export type Fate =
  | { readonly kind: 'forward' }
  /** The client gets this answer; the API server never hears of the request. */
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfterSeconds?: number }
  /** It is forwarded later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** It is forwarded when that is resolved, whether or not the client is still there. */
  | { readonly kind: 'hold'; readonly until: Promise<void> }
  /** No answer comes, and nothing is forwarded, until the client gives up. */
  | { readonly kind: 'silence' }
  /** The connection is cut before the API server hears of the request. */
  | { readonly kind: 'cutBefore' }
  /** The request takes effect, and the connection is cut before its answer. */
  | { readonly kind: 'cutAfter' }

export type WatchFate = 'pass' | 'drop' | 'cut'

/** One event of a watch, as it passes. */
export interface WatchEvent {
  readonly type: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Decides what a proxy does. Called once for each request and each watch event, in the order in which they come. */
export interface Interference {
  readonly onCall?: (call: ApiCall) => Fate
  /** After the API server has answered, before the client has the answer; for a watch, when it begins. */
  readonly onAnswered?: (call: ApiCall, status: number) => void
  readonly onWatchEvent?: (call: ApiCall, event: WatchEvent) => WatchFate
}
