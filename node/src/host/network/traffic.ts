import type { Purpose } from './purpose.ts'

/** Running totals of one purpose since the start. Plain numbers: a frame must not cost a metric call. */
export interface PurposeTraffic {
  framesSent: number
  bytesSent: number
  framesReceived: number
  bytesReceived: number
  /** Frames that found their queue full, theirs or an older one's place. */
  framesDropped: number
  /** Frames that the link shaper dropped. */
  framesShaped: number
  /** Inbound streams cut because of a length of 0 or above the maximum. */
  streamsRefused: number
}

export type Traffic = Readonly<Record<Purpose, PurposeTraffic>>

/** Zeroed totals for every purpose. */
export function newTraffic(): Traffic {
  const zero = (): PurposeTraffic => ({
    framesSent: 0,
    bytesSent: 0,
    framesReceived: 0,
    bytesReceived: 0,
    framesDropped: 0,
    framesShaped: 0,
    streamsRefused: 0,
  })
  return { consensus: zero(), data: zero(), sync: zero(), crossshard: zero() }
}
