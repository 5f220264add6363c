import type { Purpose } from './purpose.ts'
import type { Seat } from './seat.ts'

export type LinkDirection = 'outbound' | 'inbound'

/** One frame on its way, seen from this validator. */
export interface ShapedFrame {
  readonly direction: LinkDirection
  /** Who is at the other end. */
  readonly peer: Seat
  readonly purpose: Purpose
  readonly bytes: number
  /** Sends it on. Called by the shaper, at most once, and only when it said `later`. */
  readonly deliver: () => void
}

/**
 * What becomes of a frame. `pass`: the caller sends it on. `drop`: it vanishes unseen, as on a bad link. `later`: the shaper
 * delivers it. `refuse`: too much waits already.
 */
export type LinkVerdict = 'pass' | 'drop' | 'later' | 'refuse'

/**
 * The one place that every frame passes, outbound before it is queued and inbound before it is handled. Faults are injected
 * here, per peer identity, so that they survive restarts of either side. Changeable while running; called once per frame, so
 * it must be cheap.
 */
export interface LinkShaper {
  shape(frame: ShapedFrame): LinkVerdict
}

/** Links as they are. */
export const nullLinkShaper: LinkShaper = { shape: () => 'pass' }
