import { z } from 'zod'
import { assembleResult, type RunRequest } from '../assemble.ts'
import { holdOf, worstHold } from '../generator-limit.ts'
import type { LoadRunEnd } from '../load-run.ts'
import type { Measurement } from '../measure.ts'
import type { LoadResult } from '../result.ts'
import { Tally } from '../tally.ts'
import { TallyShape } from './tally-shape.ts'

const SHARDS_MAX = 4_096
const count = z.int().min(0)
const finite = z.number().min(0)
const perShard = z.array(count).max(SHARDS_MAX)

/** What one of several generators tells of its part of a run. */
export const PartReport = z.strictObject({
  tally: TallyShape,
  substitutions: count,
  end: z.strictObject({
    startedAt: z.iso.datetime(),
    elapsedMs: finite,
    stoppedMs: finite,
    interrupted: z.boolean(),
    heightsFirst: perShard,
    heightsLast: perShard,
    connectionsLost: count,
    contradictions: count,
    clockJumps: z.array(z.strictObject({ atMs: finite, byMs: z.number() })).max(1_000),
  }),
})
export type PartReport = z.infer<typeof PartReport>

/** The report of a part. */
export function reportOf({ tally, end, substitutions }: Measurement): PartReport {
  return {
    tally: tally.record(),
    substitutions,
    end: {
      ...end,
      startedAt: end.startedAt.toISOString(),
      heightsFirst: [...end.heightsFirst],
      heightsLast: [...end.heightsLast],
      clockJumps: end.clockJumps.map((jump) => ({ ...jump })),
    },
  }
}

/**
 * The result of a run that several generators made together. The first one read the validators' metrics and counted the
 * blocks, which all of them saw. Pure.
 */
export function resultOfParts(
  request: RunRequest,
  first: Measurement,
  others: readonly PartReport[],
): LoadResult {
  const shards = request.network.shards
  const tallies = others.map((report) => {
    const tally = new Tally(shards, report.tally.window)
    tally.add(report.tally)
    return tally
  })
  const hold = worstHold([first.tally, ...tallies].map(holdOf))
  for (const { tally } of others) first.tally.add(tally)
  const substitutions = others.reduce((sum, each) => sum + each.substitutions, first.substitutions)
  const end = others.reduce((all, each) => togetherOf(all, each.end), first.end)
  return assembleResult(request, first.tally, end, { ...first, substitutions, hold })
}

/** Two views of one run: it lasted as long as the longer one, and what one of them saw happened. */
function togetherOf(one: LoadRunEnd, other: PartReport['end']): LoadRunEnd {
  const each = (
    pick: (first: number, second: number) => number,
    first: readonly number[],
    second: readonly number[],
  ) => first.map((value, index) => pick(value, second[index] ?? value))
  return {
    startedAt: one.startedAt,
    elapsedMs: Math.max(one.elapsedMs, other.elapsedMs),
    stoppedMs: Math.max(one.stoppedMs, other.stoppedMs),
    interrupted: one.interrupted || other.interrupted,
    heightsFirst: each(Math.min, one.heightsFirst, other.heightsFirst),
    heightsLast: each(Math.max, one.heightsLast, other.heightsLast),
    connectionsLost: one.connectionsLost + other.connectionsLost,
    contradictions: Math.max(one.contradictions, other.contradictions),
    clockJumps: [...one.clockJumps, ...other.clockJumps],
  }
}
