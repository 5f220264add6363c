/** What was seen of a set so far: from it follows when its pods are worth a look of their own. */
export interface Attention {
  readonly seenMs: number
  readonly ready: number
  /** When the number of its ready validators changed last; when it was seen first, if never. */
  readonly changedMs: number
  /** When more of its validators became ready; null while nobody saw that, or when one was lost since. */
  readonly grewMs: number | null
  /** When its pods were looked at; null while they were not. */
  readonly lookedMs: number | null
}

/** A set that was made a moment ago, or that more and more validators of are ready, has nothing to tell by its pods. */
const FRESH_MS = 5_000
const GROWING_MS = 15_000
/** Between two looks: a look costs an API server as much as there are pods. */
const PAUSE_MS = 5_000
const PAUSE_MS_PER_VALIDATOR = 50
/** What stood still for long is looked at after half as long again, so that many sets that wait for their turn cost little. */
const PATIENCE_MS_MAX = 120_000

/** What is known of a set after it said how many of its validators are ready. */
export function attend(before: Attention | undefined, ready: number, nowMs: number): Attention {
  if (before === undefined) {
    return { seenMs: nowMs, ready, changedMs: nowMs, grewMs: null, lookedMs: null }
  }
  if (ready === before.ready) return before
  return { ...before, ready, changedMs: nowMs, grewMs: ready > before.ready ? nowMs : null }
}

/** When to look next at the pods of a set that is not done, for what may keep them from starting. */
export function lookAtMs(
  { seenMs, changedMs, grewMs, lookedMs }: Attention,
  validators: number,
  isInTrouble: boolean,
): number {
  const pauseMs = Math.max(PAUSE_MS, PAUSE_MS_PER_VALIDATOR * validators)
  if (lookedMs === null) return isInTrouble ? 0 : restedMs(seenMs, grewMs)
  // A trouble that was told has to be taken back, whatever else grows.
  if (isInTrouble) return lookedMs + pauseMs
  const patienceMs = Math.min(PATIENCE_MS_MAX, (lookedMs - changedMs) / 2)
  return Math.max(lookedMs + Math.max(pauseMs, patienceMs), restedMs(seenMs, grewMs))
}

function restedMs(seenMs: number, grewMs: number | null): number {
  return Math.max(seenMs + FRESH_MS, grewMs === null ? 0 : grewMs + GROWING_MS)
}
