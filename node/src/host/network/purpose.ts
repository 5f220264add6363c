/** What a stream between two validators carries. Each has its own stream and queue, so that a flood of one never starves another. */
export type Purpose = 'consensus' | 'data' | 'sync' | 'crossshard'

const MEBIBYTE = 1_048_576

/** What happens to a frame that finds its queue full. */
export type WhenFull = 'dropOldest' | 'refuse'

/** Bounds of one (peer, purpose): a peer costs at most the sum of these, whatever it does. */
export interface PurposeRules {
  /** Bytes waiting to be sent, length prefixes included. */
  readonly queueBytesMax: number
  readonly whenFull: WhenFull
  /** Bytes of received frames whose handler has not finished; above it the stream is paused. */
  readonly handlingBytesMax: number
}

/** In the order in which streams are opened, which is the order in which a drained connection serves them. */
export const PURPOSES: readonly Purpose[] = ['consensus', 'data', 'sync', 'crossshard']

/** An old vote is worth less than a new one, so consensus drops the oldest; a body that was taken must arrive, so the rest refuse. */
export const purposeRules: Readonly<Record<Purpose, PurposeRules>> = {
  consensus: {
    queueBytesMax: 4 * MEBIBYTE,
    whenFull: 'dropOldest',
    handlingBytesMax: 2 * MEBIBYTE,
  },
  data: { queueBytesMax: 16 * MEBIBYTE, whenFull: 'refuse', handlingBytesMax: 4 * MEBIBYTE },
  sync: { queueBytesMax: 8 * MEBIBYTE, whenFull: 'refuse', handlingBytesMax: 2 * MEBIBYTE },
  crossshard: { queueBytesMax: 8 * MEBIBYTE, whenFull: 'refuse', handlingBytesMax: 2 * MEBIBYTE },
}

/** Name of the stream protocol of a purpose, as libp2p negotiates it. */
export function protocolOf(purpose: Purpose): string {
  return `/shardnet/${purpose}/1`
}
