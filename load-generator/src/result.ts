import { z } from 'zod'
import { Configuration } from './result/configuration-shape.ts'
import { Cost } from './result/cost-shape.ts'
import { Counting } from './result/counting-shape.ts'
import { Bottleneck, Resources } from './result/resources-shape.ts'
import { Search } from './result/search-shape.ts'
import { Mark, Series } from './result/series-shape.ts'
import { count, Fact, ms, Summary } from './result/shapes.ts'
import { SteadyState } from './result/steady-state-shape.ts'
import { Verdict } from './result/verdict-shape.ts'

/** Version of `result.json`; grows when a reader of the older one would misread it. */
export const RESULT_FORMAT = 2

const Safety = z.strictObject({
  kind: z.enum(['passed', 'failed', 'notChecked']),
  findings: z.array(z.string()).describe('What the check objects to; empty when it passed.'),
  facts: z.array(Fact).describe('What the check looked at.'),
})

const Window = z
  .strictObject({ fromMs: ms, toMs: ms })
  .describe(
    'The part of the run that figures are taken from: after the warm-up, until the schedule ends.',
  )

const Counts = z.strictObject({
  scheduled: count.describe('Arrivals of the schedule up to its end, or to the interruption.'),
  sent: count.describe('Distinct transactions that left the generator.'),
  committed: count.describe('Committed in every shard that they touch; each once.'),
  committedCrossShard: count,
  failed: count.describe('Ordered by a block with another result than OK, by code below.'),
  refused: count.describe('Refused by f + 1 validators for a reason that stays, by code below.'),
  expired: count.describe('In no block up to a certified one above validUntil.'),
  lost: count.describe('Without a fate when the run ended.'),
  failedByCode: z.record(z.string(), count),
  refusedByCode: z.record(z.string(), count),
})

const Door = z
  .strictObject({
    acknowledged: count.describe('Transactions that a validator said to hold durably, each once.'),
    resent: count.describe('Times the same bytes were sent again.'),
    busy: count.describe('Times a validator answered that its queue is full.'),
    refusalsByCode: z
      .record(z.string(), count)
      .describe('Single refusals, whatever became of the transaction.'),
    connectionsLost: count,
    contradictions: count.describe('Validators that said two things about one block.'),
  })
  .describe('What was seen at the doors of the validators.')

const Generator = z
  .strictObject({
    wasLimit: z.boolean().describe('The generator could not hold the schedule.'),
    reasons: z.array(z.string()),
    lateness: Summary.nullable().describe('From scheduled to actual sending.'),
    substitutions: count.describe(
      'Payers replaced because 64 of their transactions were in flight.',
    ),
    clockJumps: z
      .array(z.strictObject({ atMs: ms, byMs: z.number() }))
      .describe('Moments at which the clock of the machine ran away from the time that passed.'),
  })
  .describe('The load generator itself.')

const ShardResult = z.strictObject({
  shard: count,
  heightFirst: count.describe('Believed height at the start.'),
  heightLast: count,
  sent: count.describe('Transactions whose payer lives here.'),
  committed: count,
})

const Latency = z
  .strictObject({
    summary: Summary.nullable(),
    bins: z.array(z.strictObject({ fromMs: ms, toMs: ms, count })),
    encoded: z.string().describe('HdrHistogram V2, compressed, base64; values in microseconds.'),
  })
  .describe(
    'From the scheduled sending to the commit in the last shard touched, of transactions scheduled in the window.',
  )

/** Everything that a run measured: the file `result.json`. */
export const LoadResult = z.strictObject({
  format: z.literal(RESULT_FORMAT),
  name: z.string().describe('The testnet, as its documents name it.'),
  startedAt: z.iso.datetime(),
  elapsedMs: ms.describe('From the first scheduled moment until the last fate.'),
  interrupted: z.boolean(),
  verdict: Verdict,
  safety: Safety,
  window: Window,
  offeredPerSecond: z.number().min(0).describe('Scheduled in the window, per second.'),
  committedPerSecond: z
    .number()
    .min(0)
    .describe('Committed inside the window, per second; each transaction once.'),
  counts: Counts,
  latency: Latency,
  steadyState: SteadyState,
  counting: Counting,
  resources: Resources.nullable().describe('Null when no metrics of validators could be read.'),
  bottleneck: Bottleneck,
  search: Search.nullable().describe('Null for a run that follows a schedule.'),
  cost: Cost.nullable().describe('Null when nothing of the run has a price.'),
  door: Door,
  generator: Generator,
  shards: z.array(ShardResult),
  series: Series,
  marks: z.array(Mark),
  configuration: Configuration,
})
export type LoadResult = z.infer<typeof LoadResult>

/** Result of the check that reads the validators' files after they stopped. */
export type SafetyCheck = LoadResult['safety']

/** The JSON Schema of `result.json`, for `docs/result.schema.json`. */
export function resultJsonSchema(): object {
  return {
    ...z.toJSONSchema(LoadResult, { io: 'input', target: 'draft-2020-12' }),
    $id: `https://shardnet.dev/schemas/result-${RESULT_FORMAT}.json`,
    title: 'shardnet result.json',
  }
}
