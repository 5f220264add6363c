import { type Arrivals, curveOf, peakRate, scheduleMs } from './arrivals.ts'
import { STEADY_RUN_MS_MIN } from './analysis/slices.ts'
import type { CriteriaSpec } from './criteria.ts'
import type { LoadProblem } from './feasibility.ts'

/** Growth or fall of the planned rate over the second half from which no run is steady: what counts as a trend. */
const PLANNED_DRIFT_MAX = 0.05

/**
 * Criteria that no run of this schedule can meet: more committed than is ever sent, or a steady state that is asked for in
 * so many words where the plan itself forbids one. Of a trace, whose times stand in a file, nothing is known here. Pure.
 */
export function contradictionsOfCriteria(
  criteria: CriteriaSpec,
  arrivals: Arrivals,
): readonly LoadProblem[] {
  if (arrivals.schedule.length === 0) return []
  const problems: LoadProblem[] = []
  const peak = peakRate(arrivals)
  const { committedPerSecondMin, steady } = criteria
  if (committedPerSecondMin !== undefined && committedPerSecondMin > peak) {
    problems.push({
      path: 'spec.criteria.committedPerSecondMin',
      expected: `at most ${peak}, the highest rate of spec.arrivals.schedule`,
      got: String(committedPerSecondMin),
    })
  }
  if (steady === true) problems.push(...unsteadyByPlan(arrivals))
  return problems
}

function unsteadyByPlan(arrivals: Arrivals): readonly LoadProblem[] {
  const path = 'spec.criteria.steady'
  const totalMs = scheduleMs(arrivals)
  if (totalMs < STEADY_RUN_MS_MIN) {
    const expected = `false, or a schedule of at least ${STEADY_RUN_MS_MIN / 1_000}s: less says nothing on steadiness`
    return [{ path, expected, got: `true with a schedule of ${totalMs / 1_000}s` }]
  }
  // Not the warm-up, which is cut off within the first half.
  const curve = curveOf(arrivals.schedule)
  const rateIn = (from: number, to: number): number =>
    (4_000 * (curve.countAt(to * totalMs) - curve.countAt(from * totalMs))) / totalMs
  const [third, last] = [rateIn(0.5, 0.75), rateIn(0.75, 1)]
  if (Math.abs(last - third) <= PLANNED_DRIFT_MAX * third) return []
  const expected = 'false, or one rate in the second half of spec.arrivals.schedule'
  return [{ path, expected, got: `true with ${Math.round(third)}/s, then ${Math.round(last)}/s` }]
}
