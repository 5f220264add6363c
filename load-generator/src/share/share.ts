/** Which of several generators one is; together they send one schedule. */
export interface Share {
  readonly index: number
  readonly of: number
}

/** The only generator there is. */
export const WHOLE: Share = { index: 0, of: 1 }

/** Most generators of one load: each draws the whole schedule to find its own part. */
export const GENERATORS_MAX = 16

/**
 * Whether a generator sends what an account pays. One account is one generator's, so that nobody else takes its nonces; the
 * popular accounts are the first ones of each shard, and go to different generators.
 */
export function owns({ index, of }: Share, shard: number, account: number): boolean {
  return (shard + account) % of === index
}
