import assert from 'node:assert/strict'
import { randomFillSync } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Defect } from '../../src/core/errors.ts'
import {
  compileKernel,
  KERNEL_INPUT_BYTES_MAX,
  SignatureKernel,
} from '../../src/host/signatures/kernel.ts'
import { jobOf, PREFIX, signedRows } from './signed-rows.ts'

type Door = {
  readonly memory: WebAssembly.Memory
  readonly reserve_input: (bytes: number) => number
  readonly verify_rows: (all: number, rows: number, prefix: number, arena: number) => number
  readonly derive_public_keys: (keys: number) => number
}

const module = compileKernel()
const kernel = SignatureKernel.load(module)
const INPUT_BYTES = 4_096
const INPUT_TOO_SHORT = 1
const ROW_OUT_OF_ARENA = 2

function assertStillRight(): void {
  assert.deepEqual([...kernel.verifyRows(jobOf(signedRows(5)))], [1, 1, 1, 1, 1])
}

test('an empty job has no verdicts, and no seeds give no keys', () => {
  const nothing = { prefix: PREFIX, bytes: new Uint8Array(0), rows: new Uint32Array(0) }
  assert.equal(SignatureKernel.load(module).verifyRows(nothing).length, 0)
  assert.equal(SignatureKernel.load(module).derivePublicKeys(new Uint8Array(0)).length, 0)
})

test('a row that points outside of the bytes is a defect, and the kernel goes on after it', () => {
  const job = jobOf(signedRows(3))
  const end = job.bytes.length
  const max = 0xffff_ffff
  for (const [word, value] of [
    [0, end - 31],
    [1, end - 63],
    [2, end + 1],
    [3, max],
    [2, max],
    [1, max],
    [0, max],
  ] as const) {
    const rows = new Uint32Array(job.rows)
    rows[4 + word] = value
    assert.throws(() => kernel.verifyRows({ ...job, rows }), Defect)
    assertStillRight()
  }
})

test('a row may overlap another and the last one may end with the bytes', () => {
  const job = jobOf(signedRows(3))
  const rows = new Uint32Array([...job.rows, ...job.rows])
  assert.deepEqual([...kernel.verifyRows({ ...job, rows })], Array(6).fill(1))
})

test('rows that are not whole, seeds that are not whole and inputs above the bound are defects', () => {
  const job = jobOf(signedRows(1))
  assert.throws(() => kernel.verifyRows({ ...job, rows: new Uint32Array(5) }), Defect)
  assert.throws(() => kernel.derivePublicKeys(new Uint8Array(33)), Defect)
  const bytes = new Uint8Array(KERNEL_INPUT_BYTES_MAX)
  assert.throws(() => kernel.verifyRows({ ...job, bytes }), Defect)
  assertStillRight()
})

test('memory grows to the bound and no further, however large and small inputs follow each other', () => {
  const row = jobOf(signedRows(1))
  const largest = KERNEL_INPUT_BYTES_MAX - 32 - 17 - PREFIX.length
  for (const byteLength of [largest, 1_000, largest >> 1, largest, 1_000, largest - 1]) {
    const bytes = new Uint8Array(byteLength)
    bytes.set(row.bytes)
    assert.deepEqual([...kernel.verifyRows({ ...row, bytes })], [1])
  }
})

test('fuzz: whatever lies in the input and whatever the lengths say, the door answers with a status', () => {
  const door = new WebAssembly.Instance(module).exports as unknown as Door
  assert.equal(door.reserve_input(KERNEL_INPUT_BYTES_MAX + 1), 0, 'the bound is in the kernel too')
  const address = door.reserve_input(INPUT_BYTES) >>> 0
  const count = fc.oneof(fc.nat({ max: 300 }), fc.integer({ min: 0, max: 0xffff_ffff }))
  fc.assert(
    fc.property(
      count,
      count,
      count,
      fc.integer({ min: 0, max: 255 }),
      (rows, prefix, arena, mask) => {
        const input = new Uint8Array(door.memory.buffer, address, INPUT_BYTES)
        randomFillSync(input)
        // Masked words are small, so that many rows lie within the arena.
        for (let at = 32; at < INPUT_BYTES; at++)
          if ((at & 3) !== 0) input[at] = (input[at] ?? 0) & mask
        const status = door.verify_rows(mask & 1, rows, prefix, arena)
        const fits = 32 + rows * 17 + prefix + arena <= INPUT_BYTES
        assert.ok(fits ? status === 0 || status === ROW_OUT_OF_ARENA : status === INPUT_TOO_SHORT)
        assert.equal(door.derive_public_keys(rows), rows * 32 <= INPUT_BYTES ? 0 : INPUT_TOO_SHORT)
      },
    ),
    { numRuns: 500 },
  )
})

test('fuzz: random bytes within bounds are never a signature', () => {
  const bytes = new Uint8Array(2_000)
  for (let round = 0; round < 20; round++) {
    randomFillSync(bytes)
    const rows = Uint32Array.from({ length: 400 }, (_, at) => (at * 7_919 * (round + 1)) % 900)
    assert.ok(kernel.verifyRows({ prefix: PREFIX, bytes, rows }).every((verdict) => verdict === 0))
  }
})
