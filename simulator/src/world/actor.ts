import type { Frame } from './frame.ts'
import type { Seat } from './seat.ts'

/** Whatever sits on a seat: a validator as it should be, or an adversary with the seat's key. It acts when something arrives. */
export interface Actor {
  readonly seat: Seat
  start(): void
  onFrame(from: Seat, frame: Frame): void
}
