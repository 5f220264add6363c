import { z } from 'zod'

/** Version of `result.json`; grows when a reader of the older one would misread it. */
export const RESULT_FORMAT = 1

const count = z.int().min(0)
const ms = z.number().min(0)

const Summary = z
  .strictObject({ count, meanMs: ms, p50Ms: ms, p90Ms: ms, p99Ms: ms, p999Ms: ms, maxMs: ms })
  .describe('Distribution of times in milliseconds.')

const Criterion = z.strictObject({
  name: z.enum(['safety', 'lost', 'progress', 'committedPerSecond', 'p99']),
  expected: z.string().describe('What was asked, in words.'),
  measured: z.string().describe('What was seen, in words.'),
  outcome: z
    .enum(['met', 'missed', 'unknown'])
    .describe('Unknown: it was not, or could not be, measured.'),
})

const Verdict = z.strictObject({
  kind: z.enum(['passed', 'failed', 'none']).describe('None: the run does not allow a verdict.'),
  reasons: z.array(z.string()).describe('Why it is not passed, and what else a reader must know.'),
  criteria: z.array(Criterion),
})

const Safety = z.strictObject({
  kind: z.enum(['passed', 'failed', 'notChecked']),
  findings: z.array(z.string()).describe('What the check objects to; empty when it passed.'),
  facts: z
    .array(z.strictObject({ name: z.string(), value: z.string() }))
    .describe('What the check looked at.'),
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
  })
  .describe('The load generator itself.')

const ShardResult = z.strictObject({
  shard: count,
  heightFirst: count.describe('Believed height at the start.'),
  heightLast: count,
  sent: count.describe('Transactions whose payer lives here.'),
  committed: count,
})

const Series = z
  .strictObject({
    intervalMs: ms,
    timeMs: z.array(ms),
    offered: z.array(count),
    sent: z.array(count),
    committed: z.array(count),
    failed: z.array(count),
    inFlight: z.array(count),
    p50Ms: z.array(ms.nullable()).describe('By the interval in which a transaction was scheduled.'),
    p99Ms: z.array(ms.nullable()),
    heights: z.array(z.array(count)),
  })
  .describe('The run over time; counts are per interval.')

const Latency = z
  .strictObject({
    summary: Summary.nullable(),
    bins: z.array(z.strictObject({ fromMs: ms, toMs: ms, count })),
    encoded: z.string().describe('HdrHistogram V2, compressed, base64; values in microseconds.'),
  })
  .describe(
    'From the scheduled sending to the commit in the last shard touched, of transactions scheduled in the window.',
  )

const Mark = z
  .strictObject({
    atMs: ms,
    kind: z.enum(['fault', 'restart', 'connection', 'note']),
    text: z.string(),
  })
  .describe('Something that happened during the run.')

const Fact = z.strictObject({ name: z.string(), value: z.string() })

const Configuration = z.strictObject({
  networkId: z.string(),
  shards: count,
  validatorsPerShard: count,
  accountsPerShard: count,
  workload: z.strictObject({
    profile: z.string(),
    crossShard: z.number(),
    accounts: z.string(),
    payloadBytes: count,
    fee: count,
    validityHeights: count,
    seed: count,
  }),
  arrivals: z.strictObject({
    process: z.enum(['poisson', 'constant', 'saturation']),
    schedule: z.array(z.strictObject({ rate: z.number(), forMs: ms })),
  }),
  criteria: z.strictObject({
    committedPerSecondMin: z.number().nullable(),
    p99MaxMs: z.number().nullable(),
    lostMax: count,
  }),
  facts: z
    .array(Fact)
    .describe('What else belongs to this run: machine, versions, protocol parameters.'),
  command: z.string().nullable().describe('What to type to do this again.'),
})

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
export type Verdict = LoadResult['verdict']
export type CriterionOutcome = Verdict['criteria'][number]
export type ResultFact = z.infer<typeof Fact>
export type ResultMark = z.infer<typeof Mark>

/** The JSON Schema of `result.json`, for `docs/result.schema.json`. */
export function resultJsonSchema(): object {
  return {
    ...z.toJSONSchema(LoadResult, { io: 'input', target: 'draft-2020-12' }),
    $id: `https://shardnet.dev/schemas/result-${RESULT_FORMAT}.json`,
    title: 'shardnet result.json',
  }
}
