import type { Interference } from '../cluster/api-proxy/interference.ts'
import type { Disturbance, Golden } from './life.ts'
import { killAt, nameOf } from './write-points.ts'

/** One thing that goes wrong once in one life of a testnet. */
export interface Misfortune {
  readonly name: string
  /** The shortest life in which it can happen, undisturbed. */
  readonly golden: Golden
  /** `onReached` is called when it happens: a life does not always come to it. */
  readonly disturbance: (onReached: () => void) => Disturbance
}

/** What happens in the short life happens in the full one too, and is tried in the short one. */
export function inShortest<T>(
  { short, full }: Goldens,
  of: (golden: Golden) => readonly T[],
  nameOfEach: (each: T) => string,
): readonly { readonly golden: Golden; readonly each: T }[] {
  const inShort = new Set(of(short).map(nameOfEach))
  return [
    ...of(short).map((each) => ({ golden: short, each })),
    ...of(full)
      .filter((each) => !inShort.has(nameOfEach(each)))
      .map((each) => ({ golden: full, each })),
  ]
}

/** Undisturbed lives. */
export interface Goldens {
  readonly short: Golden
  readonly full: Golden
}

/**
 * The operator dies at one of its writes: before the API server hears of it, or after it has taken effect and before the
 * operator knows.
 */
export function kills(goldens: Goldens): readonly Misfortune[] {
  return inShortest(goldens, ({ points }) => points, nameOf).map(({ golden, each }) => ({
    name: `killed ${nameOf(each)}`,
    golden,
    disturbance: (onReached) => (kill) =>
      killAt(each, () => {
        onReached()
        kill()
      }),
  }))
}

/** A watch does not tell of a change, and goes on as if it had. */
export function lostEvents(golden: Golden, events: Iterable<string>): readonly Misfortune[] {
  return [...events].map((name) => ({
    name: `lost ${name}`,
    golden,
    disturbance: (onReached) => () => losing(name, onReached),
  }))
}

function losing(wanted: string, onReached: () => void): Interference {
  let isLost = false
  return {
    onWatchEvent: (_, { type, kind, name }) => {
      if (isLost || `${type} ${kind} ${name}` !== wanted) return 'pass'
      isLost = true
      onReached()
      return 'drop'
    },
  }
}
