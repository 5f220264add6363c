import assert from 'node:assert/strict'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { CleanPrefix } from '../src/run/clean-prefix.ts'
import {
  counterText,
  loadCounter,
  saveCounter,
  withSeeds,
  withTwins,
} from '../src/run/counter-file.ts'
import { InputError } from '../src/run/input-error.ts'
import { sourceState } from '../src/run/source-state.ts'
import { emptyTotals } from '../src/run/totals.ts'
import { emptyTwinsTotals } from '../src/twins/twins-totals.ts'

const ROOT = resolve(import.meta.dirname, '../..')

test('a counter goes on while what runs is the same, and begins again when it is not', (context) => {
  const root = mkdtempSync(join(tmpdir(), 'shardnet-sources-'))
  context.after(() => rmSync(root, { recursive: true }))
  for (const part of ['simulator/src', 'node/src', 'package-lock.json'])
    cpSync(join(ROOT, part), join(root, part), { recursive: true })
  const { fingerprint } = sourceState(root)
  mkdirSync(join(root, 'docs'))
  writeFileSync(join(root, 'docs/protocol.md'), 'other words')
  for (const file of ['node/src/host/rpc/rpc-server.ts', 'simulator/src/mutants/bank.ts'])
    appendFileSync(join(root, file), '// not loaded by those threads')
  assert.equal(sourceState(root).fingerprint, fingerprint)
  for (const file of [
    'node/src/core/consensus/voting.ts',
    'node/src/audit/replay.ts',
    'simulator/src/checkers/blame.ts',
    'package-lock.json',
  ]) {
    const before = sourceState(root).fingerprint
    appendFileSync(join(root, file), ' ')
    assert.notEqual(sourceState(root).fingerprint, before, file)
  }
})

test('the file keeps seeds and scenarios apart, for each source', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'shardnet-counter-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'counter.json')
  const state = { fingerprint: 'a', commit: 'c', isDirty: false }
  saveCounter(file, withSeeds(loadCounter(file, state), 5, { ...emptyTotals(), seeds: 5 }))
  saveCounter(file, withTwins(loadCounter(file, state), 7, emptyTwinsTotals()))
  const other = { ...state, fingerprint: 'b' }
  assert.equal(loadCounter(file, other).seeds, 0)
  saveCounter(file, withSeeds(loadCounter(file, other), 1, emptyTotals()))
  const { seeds, twins, totals } = loadCounter(file, state)
  assert.deepEqual([seeds, twins, totals.seeds], [5, 7, 5])
  assert.match(counterText(file, loadCounter(file, state)), /5 seeds and 7 Twins .* clean at c$/)
  writeFileSync(file, '{"format": "another"}')
  assert.throws(() => loadCounter(file, state), InputError)
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
