import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as fc from 'fast-check'
import { CleanPrefix } from '../src/run/clean-prefix.ts'
import { counterText, grownCounter, loadCounter, saveCounter } from '../src/run/counter-file.ts'
import { InputError } from '../src/run/input-error.ts'
import { sourcesOf, sourceState } from '../src/run/source-state.ts'
import { emptyTotals, mergeTotals } from '../src/run/totals.ts'
import { emptyTwinsTotals, mergeTwinsTotals } from '../src/twins/twins-totals.ts'

const ROOT = resolve(import.meta.dirname, '../..')

test('a counter goes on while what runs is the same, and begins again when it is not', (context) => {
  const root = mkdtempSync(join(tmpdir(), 'shardnet-sources-'))
  context.after(() => rmSync(root, { recursive: true }))
  for (const part of ['simulator/src', 'node/src', 'package-lock.json'])
    cpSync(join(ROOT, part), join(root, part), { recursive: true })
  const { fingerprint } = sourceState('seeds', root)
  mkdirSync(join(root, 'docs'))
  writeFileSync(join(root, 'docs/protocol.md'), 'other words')
  for (const file of ['node/src/host/rpc/rpc-server.ts', 'simulator/src/mutants/bank.ts'])
    appendFileSync(join(root, file), '// not loaded by those threads')
  assert.equal(sourceState('seeds', root).fingerprint, fingerprint)
  for (const file of [
    'node/src/core/consensus/voting.ts',
    'node/src/audit/replay.ts',
    'simulator/src/checkers/blame.ts',
    'package-lock.json',
  ]) {
    const before = sourceState('seeds', root).fingerprint
    appendFileSync(join(root, file), ' ')
    assert.notEqual(sourceState('seeds', root).fingerprint, before, file)
  }
})

/** Prints the files of this project that a thread of this name really loads. */
const LIST_LOADED = `
  const { registerHooks } = await import('node:module')
  const loaded = []
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
  await import(process.argv[1])
  console.log(JSON.stringify(loaded.filter((url) => url.startsWith('file:'))))
`

test('what a counter goes by is all that its threads load', () => {
  for (const counted of ['seeds', 'twins'] as const) {
    const worker = counted === 'seeds' ? 'seed-worker.ts' : 'twins-worker.ts'
    const url = pathToFileURL(join(ROOT, 'simulator/src/run', worker)).href
    const words = ['--input-type=module', '--eval', LIST_LOADED, url]
    const output = execFileSync(process.execPath, words, { encoding: 'utf8', env: {} })
    const loaded = (JSON.parse(output) as string[])
      .map((each) => fileURLToPath(each))
      .filter((file) => !file.includes('node_modules'))
    const sources = sourcesOf(ROOT, counted)
    assert.ok(loaded.length > 100, `${counted}: ${loaded.length} files`)
    assert.deepEqual(
      loaded.filter((file) => !sources.has(file)),
      [],
    )
  }
})

test('the file keeps seeds and scenarios apart, for each source', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'shardnet-counter-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'counter.json')
  const state = { fingerprint: 'a', commit: 'c', isDirty: false }
  const other = { ...state, fingerprint: 'b' }
  const seedsOf = { emptyTotals, mergeTotals }
  const twinsOf = { emptyTotals: emptyTwinsTotals, mergeTotals: mergeTwinsTotals }
  const seeds = () => loadCounter(file, 'seeds', state, seedsOf)
  const five = { count: 5, totals: { ...emptyTotals(), seeds: 5, faults: { drop: 2 } } }
  saveCounter(file, grownCounter(seeds(), five, seedsOf))
  saveCounter(file, grownCounter(seeds(), five, seedsOf))
  const seven = { count: 7, totals: emptyTwinsTotals() }
  const twins = loadCounter(file, 'twins', state, twinsOf)
  saveCounter(file, grownCounter(twins, seven, twinsOf))
  const elsewhere = loadCounter(file, 'seeds', other, seedsOf)
  assert.equal(elsewhere.count, 0)
  saveCounter(file, grownCounter(elsewhere, { count: 1, totals: emptyTotals() }, seedsOf))
  assert.deepEqual(
    [seeds().count, seeds().totals.seeds, seeds().totals.faults],
    [10, 10, { drop: 4 }],
  )
  assert.equal(loadCounter(file, 'twins', state, twinsOf).count, 7)
  assert.match(counterText(file, seeds()), /10 seeds are clean at c$/)
  writeFileSync(file, '{"format": "another"}')
  assert.throws(seeds, InputError)
})

test('only what has no gap before it counts, in whatever order jobs end', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(cuts, fc.infiniteStream(fc.nat()), (counts, orders) => {
      let first = 1
      const jobs = counts.map((count) => {
        const job = { first, count, order: orders.next().value ?? 0 }
        first += count
        return job
      })
      let merged = 0
      const prefix = new CleanPrefix<number>(1, (count) => (merged += count))
      const ended = new Set<number>()
      for (const { first: start, count } of jobs.toSorted((a, b) => a.order - b.order)) {
        prefix.add({ first: start, count }, count)
        for (let number = start; number < start + count; number++) ended.add(number)
        let gap = 1
        while (ended.has(gap)) gap++
        assert.deepEqual([prefix.next, merged], [gap, gap - 1])
      }
    }),
  )
})
