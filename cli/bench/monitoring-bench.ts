import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { InputError } from '../src/input-error.ts'
import { PROJECT_ROOT } from '../src/place.ts'
import { findPrometheus, startMonitor } from '../src/run/monitor.ts'
import { type BenchTestnet, withBenchTestnet } from './bench-testnet.ts'
import type { BenchContext } from './context.ts'
import type { Figures } from './figures.ts'

const SCRAPES = 200
/** So often that within seconds a window of ten minutes has as many samples as it has at the usual pace. */
const PACE = { scrape: '250ms', evaluation: '1s' }
/** Ten minutes at `up --monitor`'s five seconds. */
const SAMPLES_IN_WINDOW = 120
const EVALUATIONS = 15
const LOOK_EVERY_MS = 500
const KIBIBYTE = 1_024

/** What watching a testnet costs: the making of boards and rules, a scrape, and the recorded series. */
export async function measureMonitoring(context: BenchContext): Promise<Figures> {
  const program = prometheusOf(context)
  const monitoringGenerationSeconds = generationSeconds()
  const measured = await withBenchTestnet(context.signal, async (testnet) => ({
    ...(await scrapesOf(testnet, context.signal)),
    ...(await rulesOn(testnet, program, context)),
  }))
  return { monitoringGenerationSeconds, ...measured }
}

/** The machine's own, else the one that the suites build. */
function prometheusOf({ say }: BenchContext): string {
  try {
    return findPrometheus()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
  }
  say('monitoring: no prometheus on the PATH; looking for the one that the suites build')
  const builder = join(PROJECT_ROOT, 'e2e', 'cluster', 'build', 'main.ts')
  const { status, stdout } = spawnSync(process.execPath, [builder, 'prometheus'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0)
    throw new InputError(['monitoring: expected a prometheus on the PATH, or Go to build one'])
  return join(stdout.trim(), 'prometheus')
}

/** Of all boards, rules and documents, in a process of its own: the start of it and the loading of the code are part of the wait. */
function generationSeconds(): number {
  const program = pathToFileURL(join(PROJECT_ROOT, 'dashboards', 'generate.ts')).href
  const startedAt = performance.now()
  const script = `const { generate } = await import(${JSON.stringify(program)}); await generate()`
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`boards and rules cannot be made:\n${stderr}`)
  return (performance.now() - startedAt) / 1_000
}

async function scrapesOf({ status }: BenchTestnet, signal: AbortSignal) {
  const [first] = status.validators
  if (first === undefined) throw new Error('a testnet has validators')
  const times: number[] = []
  let bytes = 0
  for (let count = 0; count < SCRAPES; count++) {
    const startedAt = performance.now()
    const response = await fetch(`http://${first.httpAddress}/metrics`, { signal })
    bytes = (await response.bytes()).length
    times.push(performance.now() - startedAt)
  }
  const sorted = times.toSorted((a, b) => a - b)
  return {
    scrapeP50Ms: sorted[Math.floor(SCRAPES * 0.5)] ?? 0,
    scrapeP99Ms: sorted[Math.floor(SCRAPES * 0.99)] ?? 0,
    scrapeKibibytes: bytes / KIBIBYTE,
  }
}

/** Prometheus' own clock over the group of recorded series, once their windows are full. */
async function rulesOn({ status }: BenchTestnet, program: string, context: BenchContext) {
  const { signal, say, note } = context
  const monitor = await startMonitor(program, status, signal, PACE)
  try {
    say('monitoring: waiting for Prometheus to have as many samples as in ten minutes')
    const samples = `min(count_over_time(shardnet_consensus_committed_height[10m]))`
    while ((await valueOf(monitor.address, samples)) < SAMPLES_IN_WINDOW)
      await delay(LOOK_EVERY_MS, undefined, { signal })
    const byMoment = new Map<string, number>()
    while (byMoment.size < EVALUATIONS) {
      await delay(LOOK_EVERY_MS, undefined, { signal })
      const { lastEvaluation, evaluationTime } = await groupOf(monitor.address)
      byMoment.set(lastEvaluation, evaluationTime * 1_000)
    }
    const series = await valueOf(monitor.address, 'count({job="shardnet-validator"})')
    note('series under the rules', String(series))
    const sorted = [...byMoment.values()].toSorted((a, b) => a - b)
    return {
      ruleEvaluationP50Ms: sorted[Math.floor(EVALUATIONS / 2)] ?? 0,
      ruleEvaluationMaxMs: sorted.at(-1) ?? 0,
      monitoredSeries: series,
    }
  } finally {
    await monitor.stop()
  }
}

interface RuleGroup {
  readonly name: string
  readonly lastEvaluation: string
  /** In seconds. */
  readonly evaluationTime: number
}

async function groupOf(address: string): Promise<RuleGroup> {
  const { groups } = await ask<{ readonly groups: readonly RuleGroup[] }>(address, 'rules')
  const group = groups.find(({ name }) => name === 'shardnet')
  if (group === undefined) throw new Error('Prometheus knows no recorded series')
  return group
}

async function valueOf(address: string, expression: string): Promise<number> {
  const path = `query?query=${encodeURIComponent(expression)}`
  const { result } = await ask<{ readonly result: readonly { value: [number, string] }[] }>(
    address,
    path,
  )
  return Number(result[0]?.value[1] ?? 0)
}

async function ask<Data>(address: string, path: string): Promise<Data> {
  const response = await fetch(`${address}/api/v1/${path}`)
  // The shape of every answer of Prometheus' API.
  const body = (await response.json()) as { status: string; data: Data; error?: string }
  if (body.status !== 'success') throw new Error(`Prometheus refuses ${path}: ${body.error}`)
  return body.data
}
