import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Defect } from '../../src/core/errors.ts'
import { KERNEL_INPUT_BYTES_MAX } from '../../src/host/signatures/kernel.ts'
import { SignaturePool, SignaturePoolError } from '../../src/host/signatures/signature-pool.ts'
import { jobOf, signedRows, tampered } from './signed-rows.ts'
import type { SignedRow } from './signed-rows.ts'

const withCode = (code: string) => (error: unknown) =>
  error instanceof SignaturePoolError && error.code === code

/** A job that our own code must never make: its row points outside of the bytes, which ends the worker. */
function brokenJob() {
  const job = jobOf(signedRows(1))
  return { ...job, rows: Uint32Array.of(0xffff_0000, 0, 0, 0) }
}

function spoiled(rows: readonly SignedRow[], forged: number): SignedRow[] {
  return rows.map((row, at) => (at === forged ? tampered(row, 'signature', 7) : row))
}

test('many jobs over two workers: each gets its own verdicts', async () => {
  await using pool = SignaturePool.start({ workers: 2, jobsMax: 64 })
  const rows = signedRows(40, 25)
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, forged) => pool.verify(jobOf(spoiled(rows, forged)))),
  )
  for (const [forged, verdicts] of answers.entries()) {
    assert.deepEqual(
      [...verdicts],
      rows.map((_, at) => (at === forged ? 0 : 1)),
    )
  }
  assert.equal(pool.jobs, 0)
})

test('a job that one wrong row spoils is refused whole, also in a worker', async () => {
  await using pool = SignaturePool.start({ workers: 1, jobsMax: 4 })
  const rows = signedRows(6)
  const all = { verdict: 'all' } as const
  assert.deepEqual([...(await pool.verify({ ...jobOf(rows), ...all }))], [1, 1, 1, 1, 1, 1])
  assert.deepEqual(
    [...(await pool.verify({ ...jobOf(spoiled(rows, 4)), ...all }))],
    [0, 0, 0, 0, 0, 0],
  )
})

test('bytes outside of shared memory are copied, and the caller keeps them', async () => {
  await using pool = SignaturePool.start({ workers: 1, jobsMax: 4 })
  const job = jobOf(signedRows(5))
  const slab = Buffer.alloc(job.bytes.length + 20, 0xee)
  slab.set(job.bytes, 10)
  const bytes = slab.subarray(10, 10 + job.bytes.length)
  // The last ones wait their turn: they too are judged by the bytes of now.
  const answers = Array.from({ length: 4 }, () => pool.verify({ ...job, bytes }))
  slab.fill(0)
  for (const verdicts of await Promise.all(answers))
    assert.deepEqual([...verdicts], [1, 1, 1, 1, 1])
  assert.equal(slab.length, job.bytes.length + 20)
})

test('the job above the bound is refused as full, and the accepted ones are answered', async () => {
  await using pool = SignaturePool.start({ workers: 1, jobsMax: 3 })
  const job = jobOf(signedRows(20))
  const accepted = [pool.verify(job), pool.verify(job), pool.verify(job)]
  assert.equal(pool.jobs, 3)
  await assert.rejects(pool.verify(job), withCode('full'))
  for (const verdicts of await Promise.all(accepted))
    assert.deepEqual([...verdicts], Array(20).fill(1))
  assert.equal((await pool.verify(job)).length, 20)
})

test('close answers what was accepted, refuses the rest, and may be called again', async () => {
  const pool = SignaturePool.start({ workers: 2, jobsMax: 16 })
  const accepted = Array.from({ length: 10 }, () => pool.verify(jobOf(signedRows(8))))
  const closed = Promise.all([pool.close(), pool.close()])
  await assert.rejects(pool.verify(jobOf(signedRows(1))), withCode('closed'))
  for (const verdicts of await Promise.all(accepted))
    assert.deepEqual([...verdicts], Array(8).fill(1))
  await closed
  await pool.close()
})

test('a worker that crashes rejects every job without an answer and all later ones', async () => {
  const pool = SignaturePool.start({ workers: 2, jobsMax: 16 })
  assert.equal((await pool.verify(jobOf(signedRows(2)))).length, 2)
  const outstanding = [pool.verify(brokenJob()), pool.verify(brokenJob())]
  const behind = [pool.verify(brokenJob()), pool.verify(brokenJob()), pool.verify(brokenJob())]
  for (const answer of [...outstanding, ...behind]) {
    await assert.rejects(answer, (error) => {
      assert.ok(withCode('crashed')(error))
      assert.match(String(error), /a signature worker crashed: .*outside of the arena/)
      return true
    })
  }
  assert.equal(pool.jobs, 0)
  await assert.rejects(pool.verify(jobOf(signedRows(1))), withCode('crashed'))
  await pool.close()
})

test('a crash while the pool closes ends the close', async () => {
  const pool = SignaturePool.start({ workers: 1, jobsMax: 4 })
  const answer = assert.rejects(pool.verify(brokenJob()), withCode('crashed'))
  await Promise.all([pool.close(), answer])
})

test('a pool without workers, and a job above the bound of the kernel, are defects', async () => {
  assert.throws(() => SignaturePool.start({ workers: 0, jobsMax: 1 }), Defect)
  assert.throws(() => SignaturePool.start({ workers: 1, jobsMax: 0 }), Defect)
  await using pool = SignaturePool.start({ workers: 1, jobsMax: 1 })
  const bytes = new Uint8Array(KERNEL_INPUT_BYTES_MAX)
  const job = { prefix: new Uint8Array(32), bytes, rows: new Uint32Array(4) }
  assert.throws(() => pool.verify(job), Defect)
})
