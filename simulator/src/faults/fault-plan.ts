import type { Random } from '../world/random.ts'
import type { RunKind } from '../world/world-plan.ts'

/** Faults that the injector makes; how often each really fired is counted under these names. */
export const FAULT_KINDS = [
  'partition minority',
  'partition majority',
  'partition without quorum',
  'partition bridge',
  'partition ring',
  'partition one-way',
  'isolated proposer',
  'flapping link',
  'slow link',
  'gray node',
  'crash of one',
  'crash of f',
  'crash of f + 1',
  'crash of all',
  'crash at an edge',
  'crash in recovery',
  'pause',
  'wall clock jump',
  'failing sync',
  'full disk',
  'slow disk',
  'bit flip',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** Mean pause between two faults of a kind; a kind that is missing does not happen in this world. */
export type FaultPlan = ReadonlyMap<FaultKind, number>

/** Kinds that a run draws with more weight: what happens between the disk and the network is where the promises are kept. */
const LIKELY: ReadonlySet<FaultKind> = new Set(['crash at an edge', 'crash of all', 'crash of one'])
const PAUSES_MS = [2_000, 5_000, 10_000, 25_000]

/** Each seed has its own subset of faults and its own pace for each. */
export function drawFaultPlan(random: Random, kind: RunKind): FaultPlan {
  const plan = new Map<FaultKind, number>()
  const share = random.pick([0.1, 0.25, 0.4])
  for (const fault of FAULT_KINDS) {
    const pauseMs = random.pick(PAUSES_MS)
    const isDrawn = random.chance(LIKELY.has(fault) ? Math.max(share, 0.35) : share)
    // A disk that rots takes its validator away for good: not too often where progress is wanted.
    if (isDrawn)
      plan.set(fault, fault === 'bit flip' && kind === 'liveness' ? 4 * pauseMs : pauseMs)
  }
  return plan
}
