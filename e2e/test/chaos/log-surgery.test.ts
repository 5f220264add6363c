import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  flipInTheMiddle,
  keepLog,
  lastSegmentOf,
  restoreLog,
  tearTail,
  truncateTail,
} from '../../chaos/log-surgery.ts'

/** The example of docs/log-format.md: two groups, at bytes 64 and 109, end at 147. */
const SEGMENT = Buffer.from(
  '73686172646c6f670000000100000001000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0000000000000001deadbeef0f78811f' +
    '53475250000000000000000100000015038f9cac1cdf3203000000059271ee5766697273740000000000000000' +
    '5347525000000000000000020000000e607d4d136e4c0d4500000006b61f11697365636f6e64',
  'hex',
)

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'shardnet-surgery-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'log'))
  writeFileSync(join(folder, 'log', '00000001.log'), SEGMENT)
  return folder
}

function segmentIn(folder: string): Buffer {
  return readFileSync(join(folder, 'log', '00000001.log'))
}

test('groups are found by the documented layout', (context) => {
  const { groups } = lastSegmentOf(folderOf(context))
  assert.deepEqual(groups, [
    { offset: 64, end: 109 },
    { offset: 109, end: 147 },
  ])
})

test('a torn tail is behind everything durable and promises more than there is', (context) => {
  for (const draw of [0, 0.3, 0.999_999]) {
    const folder = folderOf(context)
    const bytes = tearTail(folder, draw)
    const after = segmentIn(folder)
    assert.deepEqual(after.subarray(0, SEGMENT.length), SEGMENT)
    assert.equal(after.length, SEGMENT.length + bytes)
    assert(bytes >= 1 && bytes < 38)
    assert.equal(lastSegmentOf(folder).groups.length, 2)
  }
})

test('a truncation leaves the beginning of the last group, never all of it', (context) => {
  for (const draw of [0, 0.5, 0.999_999]) {
    const folder = folderOf(context)
    const left = truncateTail(folder, draw)
    assert(left >= 1 && left < 38)
    assert.deepEqual(segmentIn(folder), SEGMENT.subarray(0, 109 + left))
  }
})

test('a flip changes one bit of a group that has another one behind it, and a kept copy undoes it', (context) => {
  for (const draws of [
    [0, 0],
    [0.5, 0.5],
    [0.999_999, 0.999_999],
  ] as const) {
    const folder = folderOf(context)
    keepLog(folder, join(folder, 'copy'))
    const at = flipInTheMiddle(folder, draws)
    const after = segmentIn(folder)
    const changed = [...after.keys()].filter((index) => after[index] !== SEGMENT[index])
    assert.deepEqual(changed, [at])
    assert(at >= 64 && at < 109)
    const difference = (after[at] ?? 0) ^ (SEGMENT[at] ?? 0)
    assert.equal(difference & (difference - 1), 0)
    restoreLog(folder, join(folder, 'copy'))
    assert.deepEqual(segmentIn(folder), SEGMENT)
  }
})
