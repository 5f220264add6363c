import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { hasTraceProblems, parseTrace } from '../src/trace.ts'

const KINDS = ['payments', 'cells']

function problemsOf(text: string): string[] {
  const read = parseTrace(text, KINDS)
  assert.ok(hasTraceProblems(read))
  return read.map(({ line, expected, got }) => `${line}: ${expected}, got ${got}`)
}

test('a trace reads back what was written', () => {
  const rows = fc.array(
    fc.record({ gapMs: fc.integer({ min: 0, max: 10_000 }), kind: fc.constantFrom(0, 1) }),
    { minLength: 1, maxLength: 50 },
  )
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), fc.boolean(), (written, lineEnd, ends) => {
      let timeMs = 0
      const times = written.map(({ gapMs }) => (timeMs += gapMs / 8))
      const lines = written.map(({ kind }, i) => `${times[i]},${KINDS[kind]}`)
      const read = parseTrace(['timeMs,kind', ...lines, ...(ends ? [''] : [])].join(lineEnd), KINDS)
      assert.ok(!hasTraceProblems(read))
      assert.deepEqual([...read.timesMs], times)
      assert.deepEqual(
        [...read.kinds],
        written.map(({ kind }) => kind),
      )
    }),
  )
})

test('an empty trace, a missing header and every bad row are told with their lines, all at once', () => {
  assert.deepEqual(problemsOf(''), [
    '1: the header timeMs,kind, got ""',
    '2: at least one row, got ""',
  ])
  assert.deepEqual(problemsOf('timeMs,kind\n\n'), ['2: at least one row, got ""'])
  assert.deepEqual(
    problemsOf('time,kind\n5,payments\n4,cells\nsoon,payments\n6,swaps\n7\n8,cells,1\n-1,cells'),
    [
      '1: the header timeMs,kind, got "time,kind"',
      '3: timeMs at or after 5, the row before, got "4"',
      '4: timeMs a number of milliseconds, got "soon"',
      '5: kind one of payments, cells, got "swaps"',
      '6: kind one of payments, cells, got ""',
      '7: two columns, got "8,cells,1"',
      '8: timeMs a number of milliseconds, got "-1"',
    ],
  )
})
