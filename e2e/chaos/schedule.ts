import { Draws } from './random.ts'

/** Every way in which a run breaks things. */
export const FAULT_CLASSES = [
  'kill',
  'killProposer',
  'killAll',
  'pause',
  'partition',
  'delay',
  'loss',
  'bandwidth',
  'tearTail',
  'truncateTail',
  'corruptMiddle',
  'fillDisk',
  'failSync',
] as const
export type FaultClass = (typeof FAULT_CLASSES)[number]

/** One thing that happens to one shard. */
export interface Step {
  readonly shard: number
  readonly fault: FaultClass
  /** Whom it hits; for killProposer and killAll the moment decides. */
  readonly victim: number
  /** How long faults with a length last. */
  readonly lengthMs: number
  /** Draws for what the class still has to choose: [0, 1). */
  readonly draws: readonly [number, number]
}

/**
 * The steps of one shard, without end, from the seed alone: no step depends on how the run goes. Rules:
 *
 * - One step at a time in a shard, and the next begins when its victim is in sync again, so that at most f = 1 of a shard's
 *   four members is down, slow, cut off or behind at once. killAll stops everybody and takes nobody's data.
 * - Every class comes once before any comes again. killAll is in the steps of shard 0 only, twice, and waits for the others.
 * - Losing durable data (truncateTail) hits one member of a shard for the whole run, its amnesiac: f of them, ever. The safety
 *   check treats it as faulty. All other damage is undone from a copy, or was never durable.
 */
export function* stepsOf(seed: number, shard: number, size: number): Generator<Step, never> {
  const draws = new Draws(seed, `steps of shard ${shard}`)
  const amnesiac = amnesiacOf(seed, shard, size)
  for (;;) {
    for (const fault of draws.shuffled(classesOf(shard))) {
      const drawn = draws.whole(0, size - 1)
      yield {
        shard,
        fault,
        victim: fault === 'truncateTail' ? amnesiac : drawn,
        lengthMs: draws.whole(800, 3_000),
        draws: [draws.fraction(), draws.fraction()],
      }
    }
  }
}

/** The one member of a shard that may lose what it promised to remember. */
export function amnesiacOf(seed: number, shard: number, size: number): number {
  return new Draws(seed, `amnesiac of shard ${shard}`).whole(0, size - 1)
}

function classesOf(shard: number): readonly FaultClass[] {
  const others = FAULT_CLASSES.filter((fault) => fault !== 'killAll')
  return shard === 0 ? [...others, 'killAll', 'killAll'] : others
}

/** How often each class has happened, seen by its effect and not by its order. */
export type FiredCounts = Readonly<Record<FaultClass, number>>

/** No class has happened. */
export function nothingFired(): Record<FaultClass, number> {
  return {
    kill: 0,
    killProposer: 0,
    killAll: 0,
    pause: 0,
    partition: 0,
    delay: 0,
    loss: 0,
    bandwidth: 0,
    tearTail: 0,
    truncateTail: 0,
    corruptMiddle: 0,
    fillDisk: 0,
    failSync: 0,
  }
}

/** What a run needs to count. */
export interface Requirements {
  readonly firedMin: number
  readonly acknowledgedMin: number
}

/** Below this a run is the short form: it looks at everything once and does not count as a run. */
const WHOLE_RUN_MS = 180_000

/** A whole run, or the short form, by its length. */
export function requirementsOf(lengthMs: number): Requirements & { readonly isShort: boolean } {
  const isShort = lengthMs < WHOLE_RUN_MS
  return isShort
    ? { firedMin: 1, acknowledgedMin: 2_000, isShort }
    : { firedMin: 3, acknowledgedMin: 10_000, isShort }
}

/** What is still missing for a run to count; empty when nothing is. */
export function missingOf(
  fired: FiredCounts,
  acknowledged: number,
  { firedMin, acknowledgedMin }: Requirements,
): readonly string[] {
  const classes = FAULT_CLASSES.filter((fault) => fired[fault] < firedMin).map(
    (fault) => `${fault} happened ${fired[fault]} of ${firedMin} times`,
  )
  if (acknowledged >= acknowledgedMin) return classes
  return [...classes, `${acknowledged} of ${acknowledgedMin} transactions were acknowledged`]
}
