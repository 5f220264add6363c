import { fork, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { deriveAccountTable } from '@shardnet/node/config'
import { hashOfBytes } from '@shardnet/node/core'
import { SignatureKernel } from '@shardnet/node/signatures'
import type { LoadProgress } from '../src/load-run.ts'
import type { LoadNetwork } from '../src/network.ts'
import { runLoad } from '../src/run-load.ts'
import { draftBytes } from '../src/plan-row.ts'
import { sourceOf, type Workload } from '../src/workload.ts'

const VALIDATORS = 4
const ACCOUNTS = 10_000
const SINK = fileURLToPath(new URL('./sink-process.ts', import.meta.url))
/** What starts within this is the compiler's time, not the generator's. */
const WARM_UP_MS = 2_000

/** What a generator does with a sink that takes everything. */
export interface GeneratorRates {
  readonly sentPerSecond: number
  readonly sent: number
  readonly received: number
  readonly committed: number
  readonly latenessP50Ms: number
  readonly latenessP99Ms: number
  /** Processor time of the generator's process, all threads, after the warm-up. */
  readonly cpuMicrosecondsPerTransaction: number
  /** The same per second: at most one core. */
  readonly cores: number
  readonly reasons: readonly string[]
}

const Ports = z.object({ ports: z.array(z.int()) })
const Received = z.object({ received: z.int() })

/** Offers transactions that were signed before to four doors on loopback, at a constant rate, and looks at the generator. */
export async function measureGeneratorRates(
  rate: number,
  forMs: number,
  signal: AbortSignal,
): Promise<GeneratorRates> {
  const workload: Workload = { ...WORKLOAD, payloadBytes: 0, crossShard: 0 }
  const network = networkOf()
  // All transfers without payload are of one length.
  const bytes = draftBytes(sourceOf(workload, network).next(0))
  const words = [network.networkId, String(bytes), String(VALIDATORS)]
  const sink = fork(SINK, words, { stdio: 'inherit' })
  try {
    const { ports } = Ports.parse(await answerOf(sink))
    const moments: Moment[] = []
    const result = await runLoad({
      network,
      targets: ports.map((port, validator) => ({
        shard: 0,
        validator,
        httpAddress: `127.0.0.1:${port}`,
      })),
      workload,
      criteria: { committedPerSecondMin: null, p99MaxMs: null, lostMax: 0, steady: false },
      arrivals: { process: 'constant', schedule: [{ rate, forMs }] },
      signal,
      signs: 'before',
      warmUpMs: WARM_UP_MS,
      onProgress: (progress) => moments.push(momentOf(progress)),
    })
    sink.send('how many')
    const { received } = Received.parse(await answerOf(sink))
    const { lateness } = result.generator
    return {
      ...processorOf(
        moments.filter(({ elapsedMs }) => elapsedMs >= WARM_UP_MS && elapsedMs <= forMs),
      ),
      sentPerSecond: (result.counts.sent * 1_000) / forMs,
      sent: result.counts.sent,
      received,
      committed: result.counts.committed,
      latenessP50Ms: lateness?.p50Ms ?? Number.NaN,
      latenessP99Ms: lateness?.p99Ms ?? Number.NaN,
      reasons: result.generator.reasons,
    }
  } finally {
    if (sink.connected) sink.disconnect()
  }
}

const WORKLOAD: Workload = { profile: 'payments', fee: 1, validityHeights: 9_000, seed: 1 }

interface Moment {
  readonly elapsedMs: number
  readonly sent: number
  readonly cpuMicroseconds: number
}

function momentOf({ elapsedMs, sent }: LoadProgress): Moment {
  const { user, system } = process.cpuUsage()
  return { elapsedMs, sent, cpuMicroseconds: user + system }
}

function processorOf(
  moments: readonly Moment[],
): Pick<GeneratorRates, 'cores' | 'cpuMicrosecondsPerTransaction'> {
  const [first] = moments
  const last = moments.at(-1)
  if (first === undefined || last === undefined || last.sent === first.sent)
    return { cores: Number.NaN, cpuMicrosecondsPerTransaction: Number.NaN }
  const used = last.cpuMicroseconds - first.cpuMicroseconds
  return {
    cores: used / ((last.elapsedMs - first.elapsedMs) * 1_000),
    cpuMicrosecondsPerTransaction: used / (last.sent - first.sent),
  }
}

function networkOf(): LoadNetwork {
  const plan = { seed: 'sink', shards: 1, perShard: ACCOUNTS }
  const kernel = SignatureKernel.load()
  return {
    name: 'sink',
    networkId: hashOfBytes(createHash('sha256').update('sink').digest()),
    shards: 1,
    validatorsPerShard: VALIDATORS,
    accountsPerShard: ACCOUNTS,
    genesisSeed: plan.seed,
    accountTable: deriveAccountTable(plan, (seeds) => kernel.derivePublicKeys(seeds)),
  }
}

async function answerOf(sink: ChildProcess): Promise<unknown> {
  const [answer]: unknown[] = await once(sink, 'message')
  return answer
}
