/** One place of one committee. */
export interface Seat {
  readonly shard: number
  readonly validator: number
}

export function nameOfSeat({ shard, validator }: Seat): string {
  return `${shard}/${validator}`
}
