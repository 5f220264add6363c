/** Where a validator sits: the pair that names it everywhere in a network. */
export interface Seat {
  readonly shard: number
  readonly validator: number
}

/** One text per seat, usable as a map key and in logs. */
export function seatName(seat: Seat): string {
  return `${seat.shard}/${seat.validator}`
}
