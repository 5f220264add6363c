import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Defect } from '../../src/core/errors.ts'
import { SignatureKernel } from '../../src/host/signatures/kernel.ts'
import type { SignatureJob } from '../../src/host/signatures/signature-job.ts'
import { SignaturePool } from '../../src/host/signatures/signature-pool.ts'
import { jobOf, signedRows, tampered } from './signed-rows.ts'

const kernel = SignatureKernel.load()
const COUNTS = [3, 1, 20, 7]

function jobsWith(forged: number | null): SignatureJob[] {
  return COUNTS.map((count, at) => {
    const rows = signedRows(count)
    const spoiled = rows.map((row, index) =>
      at === forged && index === count - 1 ? tampered(row, 'signature', 9) : row,
    )
    return { ...jobOf(spoiled), verdict: 'all' }
  })
}

function verdictsWith(forged: number | null): number[][] {
  return COUNTS.map((count, at) => Array(count).fill(at === forged ? 0 : 1))
}

function plain(verdicts: readonly Uint8Array[]): number[][] {
  return verdicts.map((each) => [...each])
}

test('honest jobs hold together, in one call and with their own number of verdicts', () => {
  assert.deepEqual(plain(kernel.verifyTogether(jobsWith(null))), verdictsWith(null))
  assert.deepEqual(kernel.verifyTogether([]), [])
})

test('a wrong row in one of several jobs refuses that job and no other', () => {
  for (const forged of COUNTS.keys())
    assert.deepEqual(plain(kernel.verifyTogether(jobsWith(forged))), verdictsWith(forged))
})

test('a key that lies in the bytes of the neighbour only is a defect, although it would hold', () => {
  const [first, second] = [jobOf(signedRows(1)), jobOf(signedRows(1))]
  const rows = new Uint32Array(first.rows)
  rows[0] = first.bytes.length + (second.rows[0] ?? 0)
  const jobs = [{ ...first, rows }, second]
  assert.throws(() => kernel.verifyTogether(jobs), Defect)
})

test('jobs under different prefixes are judged each under its own', () => {
  const rows = signedRows(4)
  const other = new Uint8Array(32).fill(1)
  const jobs = [jobOf(rows), { ...jobOf(rows), prefix: other }]
  assert.deepEqual(plain(kernel.verifyTogether(jobs)), [
    [1, 1, 1, 1],
    [0, 0, 0, 0],
  ])
})

test('jobs that wait in a worker are answered each for itself, whatever lies beside them', async () => {
  await using pool = SignaturePool.start({ workers: 1, jobsMax: 256 })
  const each = jobOf(signedRows(5).map((row, at) => (at === 2 ? tampered(row, 'key', 3) : row)))
  const turns = Array.from({ length: 30 }, (_, turn) => (turn % 7 === 3 ? 2 : null))
  const answers = await Promise.all(
    turns.map(async (forged) => {
      const all = Promise.all(jobsWith(forged).map((job) => pool.verify(job)))
      return { forged, stranger: await pool.verify(each), all: plain(await all) }
    }),
  )
  for (const { forged, stranger, all } of answers) {
    assert.deepEqual([...stranger], [1, 1, 0, 1, 1])
    assert.deepEqual(all, verdictsWith(forged))
  }
})
