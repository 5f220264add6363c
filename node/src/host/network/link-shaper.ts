import type { Purpose } from './purpose.ts'
import type { Seat } from './seat.ts'

/** What a link does to one outbound frame. */
export type LinkVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'delay'; readonly delayMs: number }

/**
 * The one place that every outbound frame passes before it is queued. Faults are injected here, per peer identity,
 * so that they survive restarts of either side. Changeable while running; called once per frame, so it must be cheap.
 */
export interface LinkShaper {
  verdict(to: Seat, purpose: Purpose, frameBytes: number): LinkVerdict
}

const PASS: LinkVerdict = { kind: 'pass' }

/** Links as they are. */
export const nullLinkShaper: LinkShaper = { verdict: () => PASS }
