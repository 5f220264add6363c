/** Committees of a rehearsal. */
export interface Layout {
  readonly shards: number
  readonly validatorsPerShard: number
}

/**
 * Validators by their number. Of 2018 only the 41,440 and about a hundred shards are known; 112 x 370 is the split without
 * a rest that is closest to it.
 */
export const layouts: Readonly<Record<number, Layout>> = {
  1_000: { shards: 25, validatorsPerShard: 40 },
  7_400: { shards: 20, validatorsPerShard: 370 },
  41_440: { shards: 112, validatorsPerShard: 370 },
}
