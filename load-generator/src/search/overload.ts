import type { LoadResult } from '../result.ts'
import type { Overload } from '../result/search-shape.ts'

/** Ten times what the testnet can do for a while, in the middle of most of what it can do: does it come back? */
export interface OverloadPlan {
  /** How long the testnet is in ordinary use before. */
  readonly beforeMs: number
  /** Offered over the knee. */
  readonly factor: number
  readonly forMs: number
  /** Part of the knee that is offered before and after it. */
  readonly ordinaryShare: number
  readonly afterMs: number
}

export const DEFAULT_OVERLOAD: OverloadPlan = {
  beforeMs: 5_000,
  factor: 10,
  forMs: 10_000,
  ordinaryShare: 0.8,
  afterMs: 30_000,
}

/** Back is back when this part of what is offered commits … */
const RECOVERED_SHARE = 0.95
/** … for so long. */
const RECOVERED_MS = 3_000
/** The last stretch of the time after the overload, whose goodput is told. */
const LAST_MS = 10_000

/** What the series of the run says. Goodput counts each transaction once, whatever was sent how often. Pure. */
export function overloadOf(
  result: LoadResult,
  knee: number,
  plan: OverloadPlan,
  fromMs: number,
): Overload {
  const { series, door, counts } = result
  const seconds = series.intervalMs / 1_000
  const overMs = plan.beforeMs + plan.forMs
  const endMs = overMs + plan.afterMs
  const between = (values: readonly number[], from: number, to: number): number => {
    let [sum, intervals] = [0, 0]
    for (const [i, timeMs] of series.timeMs.entries()) {
      if (timeMs < from || timeMs + series.intervalMs > to) continue
      sum += values[i] ?? 0
      intervals += 1
    }
    return intervals === 0 ? 0 : sum / (intervals * seconds)
  }
  const during = between(series.committed, plan.beforeMs, overMs)
  const lastMs = Math.min(LAST_MS, plan.afterMs)
  const afterOffered = between(series.offered, endMs - lastMs, endMs)
  const after = between(series.committed, endMs - lastMs, endMs)
  return {
    factor: plan.factor,
    offeredPerSecond: between(series.sent, plan.beforeMs, overMs),
    fromMs: fromMs + plan.beforeMs,
    forMs: plan.forMs,
    goodputDuringPerSecond: during,
    goodputDuringShare: knee > 0 ? during / knee : 0,
    afterOfferedPerSecond: afterOffered,
    goodputAfterPerSecond: after,
    goodputAfterShare: afterOffered > 0 ? after / afterOffered : 0,
    recoveredAfterMs: recoveredAfter(result, plan, knee),
    busy: door.busy,
    resent: door.resent,
    lost: counts.lost,
  }
}

function recoveredAfter({ series }: LoadResult, plan: OverloadPlan, knee: number): number | null {
  const wanted = RECOVERED_SHARE * plan.ordinaryShare * knee * (series.intervalMs / 1_000)
  const overMs = plan.beforeMs + plan.forMs
  const length = Math.max(1, Math.round(RECOVERED_MS / series.intervalMs))
  for (const [i, timeMs] of series.timeMs.entries()) {
    if (timeMs < overMs) continue
    const stretch = series.committed.slice(i, i + length)
    const mean = stretch.reduce((sum, count) => sum + count, 0) / length
    if (stretch.length === length && mean >= wanted) return timeMs - overMs
  }
  return null
}
