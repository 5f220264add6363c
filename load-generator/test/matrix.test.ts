import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoadMatrix, matrixCellOf, matrixOf } from '../src/matrix.ts'
import { renderMatrix } from '../src/report/render-matrix.ts'
import { exampleResult } from './example-result.ts'

function exampleMatrix(name = 'demo'): LoadMatrix {
  const cells = [false, true].flatMap((hasFaults) =>
    ['0%', '90%'].map((crossShard) =>
      matrixCellOf(
        { crossShard, hasFaults, folder: `cross-${crossShard}` },
        exampleResult({ committedPerSecond: hasFaults ? 100 : 500 }),
      ),
    ),
  )
  return matrixOf({ name, startedAt: '2026-11-23T08:00:00.000Z', cells, command: name })
}

test('a matrix keeps what its schema says, and its page leads to the report of every run', () => {
  const matrix = exampleMatrix()
  assert.deepEqual(LoadMatrix.parse(matrix), matrix)
  const page = renderMatrix(matrix)
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, link]) => link)
  assert.deepEqual(links, [
    '#main',
    './cross-0%25/report.html',
    './cross-90%25/report.html',
    './cross-0%25/report.html',
    './cross-90%25/report.html',
  ])
  for (const pattern of [/\ssrc\s*=/i, /url\s*\(/i, /@import/i, /<link/i, /<script/i])
    assert.doesNotMatch(page, pattern)
  assert.match(page, /--depth: 100%/)
  assert.match(page, /--depth: 20%/)
})

test('a matrix that was interrupted before its first run still has a page, and no text becomes markup', () => {
  const attack = `"><img src=x onerror=alert(1)>`
  const page = renderMatrix({ ...exampleMatrix(attack), cells: [] })
  assert.doesNotMatch(page, /<img/)
})
