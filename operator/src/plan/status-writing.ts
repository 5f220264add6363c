/** How often figures may be written, so that a testnet that only works costs its API server little. */
const FIGURES_EVERY_MS = 30_000

/** Two states of a status, and what of it is news: the rest are figures. */
export interface StatusChange<Status extends object> {
  readonly before: Status
  readonly after: Status
  readonly newsOf: (status: Status) => unknown
}

/**
 * When a status may be written that differs from the one before: news at once (0), figures alone not too often after
 * the last time; null when nothing differs.
 */
export function writeAtMs<Status extends object>(
  { before, after, newsOf }: StatusChange<Status>,
  writtenMs: number,
): number | null {
  if (canonical(before) === canonical(after)) return null
  const isNews = canonical(newsOf(before)) !== canonical(newsOf(after))
  return isNews ? 0 : writtenMs + FIGURES_EVERY_MS
}

/** One text for equal values, in whatever order their fields came. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(
      Object.entries(inner)
        .filter(([, each]) => each !== undefined)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    )
  })
}
