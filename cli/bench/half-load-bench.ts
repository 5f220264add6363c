import { type LoadProgress, runLoad, type Scrape } from '@shardnet/load-generator'
import { availableParallelism } from 'node:os'
import { type BenchTestnet, withBenchTestnet } from './bench-testnet.ts'
import type { BenchContext } from './context.ts'
import type { Figures } from './figures.ts'
import { benchCriteria, benchWorkload } from './load-settings.ts'
import { machineMicroseconds, memoryOf, type MemoryReading } from './process-readings.ts'

const FOR_MS = 15_000
const WARM_UP_MS = 4_000
const MEGABYTE = 1_000_000

interface Moment {
  readonly elapsedMs: number
  readonly committed: number
  readonly validatorsMicroseconds: number
  readonly ownMicroseconds: number
  readonly machineMicroseconds: number
}

function momentOf(testnet: BenchTestnet, { elapsedMs, committed }: LoadProgress): Moment {
  const { user, system } = process.cpuUsage()
  return {
    elapsedMs,
    committed,
    validatorsMicroseconds: testnet.cpuMicroseconds(),
    ownMicroseconds: user + system,
    machineMicroseconds: machineMicroseconds(),
  }
}

/** Latency of an open loop at half of saturation, and the memory of the validators while they carry it. */
export async function measureHalfLoad(context: BenchContext): Promise<Figures> {
  const { signal, say } = context
  const rate = Math.max(1, Math.round(context.committedPerSecond / 2))
  return withBenchTestnet(signal, async (testnet) => {
    const moments: Moment[] = []
    let readings: readonly MemoryReading[] = []
    say(`latency: sending ${rate}/s`)
    const result = await runLoad({
      network: testnet.network,
      targets: testnet.targets,
      workload: benchWorkload(2),
      criteria: benchCriteria,
      signal,
      arrivals: { process: 'poisson', schedule: [{ rate, forMs: FOR_MS }] },
      warmUpMs: WARM_UP_MS,
      onProgress: (progress: LoadProgress) => {
        const { elapsedMs } = progress
        if (elapsedMs < WARM_UP_MS || elapsedMs > FOR_MS) return
        // Reading maps of memory takes time from the validators, so it comes when the rest is measured.
        if (elapsedMs <= FOR_MS - 1_000) moments.push(momentOf(testnet, progress))
        else if (readings.length === 0) readings = testnet.pids.map(memoryOf)
      },
    })
    signal.throwIfAborted()
    context.note('half load', `${rate}/s, Poisson arrivals`)
    if (result.generator.wasLimit)
      context.object(`the load generator was the limit: ${result.generator.reasons.join('; ')}`)
    if (result.counts.lost > 0) context.object(`${result.counts.lost} transactions were lost`)
    const { summary } = result.latency
    return {
      halfLoadPerSecond: result.committedPerSecond,
      ...(summary === null ? {} : { halfLoadP50Ms: summary.p50Ms, halfLoadP99Ms: summary.p99Ms }),
      ...costOf(moments),
      ...memoryFigures(readings, await testnet.scrapeAll(signal)),
    }
  })
}

function costOf(moments: readonly Moment[]): Figures {
  const [first] = moments
  const last = moments.at(-1)
  if (first === undefined || last === undefined || last.committed === first.committed) return {}
  const validators = last.validatorsMicroseconds - first.validatorsMicroseconds
  const own = last.ownMicroseconds - first.ownMicroseconds
  const others = last.machineMicroseconds - first.machineMicroseconds - validators - own
  const machineTime = (last.elapsedMs - first.elapsedMs) * 1_000 * availableParallelism()
  return {
    halfLoadCpuMicrosecondsPerTransaction: validators / (last.committed - first.committed),
    halfLoadOthersShare: Math.max(0, others / machineTime),
  }
}

function memoryFigures(readings: readonly MemoryReading[], scrapes: readonly Scrape[]): Figures {
  if (readings.length === 0) return {}
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length / MEGABYTE
  const gauge = (name: string) => mean(scrapes.map((each) => each.total(name)))
  const total = mean(readings.map((reading) => reading.total))
  const files = mean(readings.map((reading) => reading.files))
  const wasm = mean(readings.map((reading) => reading.wasm))
  const javaScript = gauge('shardnet_process_heap_used_bytes')
  const external = gauge('shardnet_process_external_bytes')
  return {
    memoryMegabytesPerValidator: total,
    memoryMegabytesMax: Math.max(...readings.map((reading) => reading.total)) / MEGABYTE,
    memoryFilesMegabytes: files,
    memoryJavaScriptMegabytes: javaScript,
    memoryExternalMegabytes: external,
    memoryWasmMegabytes: wasm,
    memoryOtherMegabytes: total - files - wasm - javaScript - external,
  }
}
