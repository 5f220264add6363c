import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseBenchArguments } from '../bench/bench-arguments.ts'
import { BENCH_FORMAT, BenchResult, missedLimits, summarise } from '../bench/bench-result.ts'
import { withNeeds } from '../bench/benches.ts'
import { cpuMicrosecondsOf, memoryOf } from '../bench/process-readings.ts'
import { bucketsBetween, quantileOf, scrapeOf } from '@shardnet/load-generator'
import { InputError } from '../src/input-error.ts'
import { localPlace } from '../src/place.ts'

const TMPFS = 0x01021994
const MAIN = fileURLToPath(new URL('../bench/main.ts', import.meta.url))

function bench(words: readonly string[], home?: string) {
  const env = home === undefined ? process.env : { ...process.env, SHARDNET_HOME: home }
  return spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8', env })
}

test('names and flags are read in any order, with = or a space', () => {
  const wanted = { names: ['log', 'memory'], repeat: 3, json: '-', isHelp: false }
  assert.deepEqual(parseBenchArguments(['log', '--repeat', '3', 'memory', '--json=-']), wanted)
  assert.deepEqual(parseBenchArguments(['--json', '-', '--repeat=3', 'log', 'memory']), wanted)
})

test('every problem of a command line is told at once', () => {
  assert.throws(
    () => parseBenchArguments(['speed', '--repeat', '0', '--fast', '--json']),
    (error) => {
      assert(error instanceof InputError)
      assert.equal(error.lines.length, 4)
      assert.match(error.message, /speed: expected signatures, execution, log/)
      assert.match(error.message, /--repeat: expected a whole number from 1 to 100, got 0/)
      assert.match(error.message, /--fast: expected --repeat, --json or --help/)
      assert.match(error.message, /--json: expected the name of a file, or -/)
      return true
    },
  )
})

test('a bench brings along what it rests on, in the order of the table', () => {
  assert.deepEqual(withNeeds(['memory', 'log']), [
    'signatures',
    'log',
    'saturation',
    'latency',
    'memory',
  ])
  assert.equal(withNeeds([]).length, 9)
})

test('figures of several turns are told by least, middle and greatest value', () => {
  const figures = summarise([
    { ratioToBound: 0.5, fsyncP50Ms: 4 },
    { ratioToBound: 0.2 },
    { ratioToBound: 0.3, fsyncP50Ms: 2 },
  ])
  const ratio = { unit: 'ratio', min: 0.2, median: 0.3, max: 0.5, values: [0.5, 0.2, 0.3] }
  assert.deepEqual(figures.ratioToBound, ratio)
  assert.equal(figures.fsyncP50Ms?.median, 3)
  assert.equal(figures.signedCommittedPerSecond, undefined)
})

test('a figure above what is promised is told, and what has no promise is not', () => {
  const figures = summarise([{ scrapeKibibytes: 65, scrapeP50Ms: 20, scrapeP99Ms: 900 }])
  assert.deepEqual(missedLimits(figures), ['scrapeKibibytes is 65.0 KiB, promised are at most 64'])
})

const TEXT = `# TYPE a_seconds histogram
a_seconds_bucket{le="0.1",shard="0"} 50
a_seconds_bucket{le="0.2",shard="0"} 90
a_seconds_bucket{le="+Inf",shard="0"} 100
b_total{verdict="valid",shard="0"} 7
b_total{verdict="invalid",shard="0"} 2
`

test('a scrape sums series, and quantiles lie inside of their bucket', () => {
  const before = scrapeOf(TEXT.replace(' 50', ' 0').replace(' 90', ' 0').replace(' 100', ' 0'))
  const after = scrapeOf(TEXT)
  assert.equal(after.total('b_total'), 9)
  assert.equal(after.total('b_total', { verdict: 'invalid' }), 2)
  assert.equal(after.total('b'), 0)
  const [was, is] = [before, after].map((each) => each.buckets('a_seconds'))
  assert.ok(was !== undefined && is !== undefined)
  const buckets = bucketsBetween([was, was], [is, is])
  assert.equal(buckets.get(0.2), 180)
  assert.equal(quantileOf(buckets, 0.25), 0.05)
  assert.equal(quantileOf(buckets, 0.7)?.toFixed(3), '0.150')
  assert.equal(quantileOf(buckets, 0.99), 0.2)
  assert.equal(quantileOf(new Map(), 0.5), null)
})

test('readings of a process agree with what it says about itself', () => {
  const { user, system } = process.cpuUsage()
  assert.ok(Math.abs(cpuMicrosecondsOf(process.pid) - user - system) < 200_000)
  const { total, files, wasm } = memoryOf(process.pid)
  assert.ok(total > 20e6 && total <= process.memoryUsage().rss * 1.1, `${total} bytes`)
  assert.ok(files > 0 && files + wasm < total)
})

test('one bench by name writes its JSON to standard output, words to the other, and leaves nothing', () => {
  const { status, stdout, stderr } = bench(['log', '--json', '-'])
  assert.equal(status, 0, stderr)
  const result = BenchResult.parse(JSON.parse(stdout))
  assert.equal(result.format, BENCH_FORMAT)
  assert.deepEqual(result.benches, ['log'])
  assert.ok((result.figures.logSyncsPerSecond?.median ?? 0) > 1)
  assert.match(stderr, /logSyncsPerSecond/)
  const { home } = localPlace()
  const left = existsSync(home) ? readdirSync(home) : []
  assert.deepEqual(
    left.filter((name) => name.startsWith('log-rates-')),
    [],
    join(home),
  )
})

test('bad words end with 2 and no stack trace', () => {
  const { status, stderr, stdout } = bench(['--repeat', 'x', 'speed'])
  assert.equal(status, 2)
  assert.equal(stdout, '')
  assert.match(stderr, /2 problems:/)
  assert.doesNotMatch(stderr, /\.ts:\d+/)
})

test('a disk in memory is refused, because nothing there is durable', async (context) => {
  const memory = '/dev/shm'
  if (!existsSync(memory) || statfsSync(memory).type !== TMPFS) return context.skip('no tmpfs')
  const home = mkdtempSync(join(memory, 'shardnet-bench-'))
  context.after(() => rmSync(home, { recursive: true }))
  const { status, stderr } = bench(['log'], home)
  assert.equal(status, 3)
  assert.match(stderr, /lies on tmpfs, in memory, where nothing is durable/)
  assert.deepEqual(readdirSync(home), [])
})
