import { assembleResult } from '../src/assemble.ts'
import type { LoadRunEnd } from '../src/load-run.ts'
import { Random } from '../src/random.ts'
import { Tally } from '../src/tally.ts'
import { hashOfBytes } from '@shardnet/node/core'

import type { AnalysisRate } from './analysis-alone.ts'

const RUN_MS = 600_000
const SHARDS = 4

/** Counts and analyses a run of ten minutes with that many transactions, as the load generator does while it runs. */
export function measureAnalysis(transactions: number): AnalysisRate {
  const before = process.cpuUsage()
  const tally = new Tally(SHARDS, { fromMs: 0, toMs: RUN_MS })
  const random = new Random(1, 'bench')
  const gapMs = RUN_MS / transactions
  for (let i = 0; i < transactions; i++) {
    const scheduledMs = i * gapMs
    const payerShard = i % SHARDS
    tally.onScheduled(scheduledMs)
    tally.onSent(payerShard, scheduledMs, scheduledMs + random.unit())
    tally.onFate({
      fate: { kind: 'committed' },
      payerShard,
      crossShard: i % 3 === 0,
      scheduledMs,
      nowMs: Math.min(RUN_MS - 1, scheduledMs + 100 + random.exponential(0.01)),
    })
  }
  const result = assembleResult(REQUEST, tally, END, {
    readings: [],
    cores: null,
    substitutions: 0,
  })
  if (result.counts.committed !== transactions) throw new Error('the analysis lost transactions')
  return {
    transactions,
    seconds: cpuSecondsSince(before),
    megabytes: process.resourceUsage().maxRSS / 1_024,
  }
}

function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

const REQUEST: Parameters<typeof assembleResult>[0] = {
  network: {
    name: 'bench',
    networkId: hashOfBytes(new Uint8Array(32)),
    shards: SHARDS,
    validatorsPerShard: 4,
    accountsPerShard: 10_000,
    genesisSeed: 'bench',
    accountTable: new Uint8Array(0),
  },
  workload: {
    profile: 'payments',
    crossShard: 0.3,
    accounts: 'uniform',
    payloadBytes: 0,
    fee: 1,
    validityHeights: 1_000,
    seed: 1,
  },
  arrivals: { process: 'constant', schedule: [{ rate: 10_000, forMs: RUN_MS }] },
  criteria: { committedPerSecondMin: null, p99MaxMs: null, lostMax: 0, steady: true },
  mode: 'open',
  warmUpMs: null,
  facts: [],
  command: null,
}

const END: LoadRunEnd = {
  startedAt: new Date(0),
  elapsedMs: RUN_MS,
  stoppedMs: RUN_MS,
  interrupted: false,
  heightsFirst: [0, 0, 0, 0],
  heightsLast: [1, 1, 1, 1],
  connectionsLost: 0,
  contradictions: 0,
  clockJumps: [],
}
