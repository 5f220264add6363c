import { hashOfBytes } from '@shardnet/node/core'
import { assembleResult, type RunRequest } from '../src/assemble.ts'
import type { LoadRunEnd } from '../src/load-run.ts'
import type { LoadResult } from '../src/result.ts'
import { Tally } from '../src/tally.ts'
import { Random } from '../src/random.ts'
import { judgedAgain } from '../src/verdict.ts'
import {
  bottleneckSection,
  costSection,
  countingSection,
  resourcesSection,
  searchSection,
  steadySection,
} from './example-sections.ts'

/** 30 s at 500/s with a stall in the middle. */
function exampleTally(): Tally {
  const tally = new Tally(2, { fromMs: 5_000, toMs: 30_000 })
  const random = new Random(1, 'example')
  for (let i = 0; i < 15_000; i++) {
    const scheduledMs = 2 * i
    const shard = i % 2
    tally.onScheduled(scheduledMs)
    tally.onSent(shard, scheduledMs, scheduledMs + random.exponential(2))
    const stallMs = scheduledMs > 16_000 && scheduledMs < 18_000 ? 18_000 - scheduledMs : 0
    const nowMs = scheduledMs + stallMs + 80 + random.exponential(0.02) + (i % 3 === 0 ? 120 : 0)
    const fate =
      i % 977 === 0
        ? ({ kind: 'failed', code: 'INSUFFICIENT' } as const)
        : ({ kind: 'committed' } as const)
    tally.onFate({ fate, payerShard: shard, crossShard: i % 3 === 0, scheduledMs, nowMs })
    if (i % 50 === 0)
      tally.series.gauge(scheduledMs, 60 + stallMs / 2, [
        Math.floor(scheduledMs / 90),
        Math.floor(scheduledMs / 95),
      ])
  }
  return tally
}

const REQUEST: RunRequest = {
  network: {
    name: 'demo',
    networkId: hashOfBytes(new Uint8Array(32).fill(0xab)),
    shards: 2,
    validatorsPerShard: 4,
    accountsPerShard: 10_000,
    genesisSeed: 'demo',
    accountTable: new Uint8Array(0),
  },
  workload: {
    profile: 'payments',
    crossShard: 0.3,
    accounts: 'uniform',
    payloadBytes: 0,
    fee: 1,
    validityHeights: 1_200,
    seed: 1,
  },
  arrivals: { process: 'poisson', schedule: [{ rate: 500, forMs: 30_000 }] },
  criteria: { committedPerSecondMin: 400, p99MaxMs: 2_000, lostMax: 0, steady: true },
  mode: 'open',
  warmUpMs: 5_000,
  facts: [
    { name: 'Machine', value: '2 cores' },
    { name: 'Node', value: 'v24.21.0' },
  ],
  command: 'npm start -- --rate 500 --seed 1',
}

const END: LoadRunEnd = {
  startedAt: new Date('2026-11-23T08:00:00Z'),
  elapsedMs: 30_400,
  stoppedMs: 30_000,
  interrupted: false,
  heightsFirst: [1, 1],
  heightsLast: [340, 320],
  connectionsLost: 0,
  contradictions: 0,
  clockJumps: [],
}

const MARKS: LoadResult['marks'] = [
  { atMs: 16_000, untilMs: 18_000, kind: 'fault', text: 'partition of shard-1-2' },
  { atMs: 18_200, kind: 'restart', text: 'demo-g1-shard-1-2 ended and is started again' },
  { atMs: 24_000, kind: 'epoch', text: 'epoch 2' },
]

/** The result of a run that never took place, with every section filled. */
export function exampleResult(changes: Partial<LoadResult> = {}): LoadResult {
  const readings = { readings: [], cores: null, substitutions: 0 }
  const filled: LoadResult = {
    ...assembleResult(REQUEST, exampleTally(), END, readings),
    steadyState: steadySection,
    counting: countingSection,
    resources: resourcesSection,
    bottleneck: bottleneckSection,
    cost: costSection,
    marks: MARKS,
  }
  return { ...judgedAgain(filled), ...changes }
}

/** The result of a saturation search that never took place. */
export function exampleSearchResult(changes: Partial<LoadResult> = {}): LoadResult {
  return { ...judgedAgain({ ...exampleResult(), search: searchSection }), ...changes }
}
