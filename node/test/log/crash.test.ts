import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { hexOf } from '../../src/core/primitives/bytes.ts'
import {
  cutAfter,
  FaultyFiles,
  keepsSectors,
  KEEPS_ALL,
  LOSES_ALL,
  type CrashChoice,
} from './faulty-files.ts'
import { openLog, recordOf, textsOf } from './open-log.ts'

const SEGMENT_BYTES_MAX = 400
const APPENDS = 9

class Crash extends Error {}

/** One life of a process on a disk: it recovers, appends and dies before operation `dieAt`. */
interface Life {
  readonly files: FaultyFiles
  readonly recovered: readonly string[]
  /** Appended and acknowledged in this life, each an append of two records. */
  readonly acknowledged: readonly string[]
  /** Appended in this life, acknowledged or not. */
  readonly appended: readonly string[]
  readonly isDead: boolean
}

async function live(files: FaultyFiles, dieAt: number, firstIndex: number): Promise<Life> {
  let isDead = false
  files.before = (_, index) => {
    if (index < dieAt && !isDead) return
    isDead = true
    throw new Crash('power cut')
  }
  const recovered: string[] = []
  const acknowledged: string[] = []
  const appended: string[] = []
  try {
    const { log, records } = await openLog(files, { segmentBytesMax: SEGMENT_BYTES_MAX })
    recovered.push(...textsOf(records))
    for (let index = firstIndex; index < firstIndex + APPENDS; index++) {
      const pair = [recordOf(2 * index), recordOf(2 * index + 1, 30 + index)]
      appended.push(...pair.map(hexOf))
      await log.append(pair)
      acknowledged.push(...pair.map(hexOf))
    }
    await log.close()
  } catch (error) {
    if (!isDead) throw error
  }
  return { files, recovered, acknowledged, appended, isDead }
}

/** After a crash: everything acknowledged is there, nothing else than what was appended, appends whole, in order. */
function checkPrefix(found: readonly string[], before: readonly string[], life: Life): void {
  const all = [...before, ...life.appended]
  assert.deepEqual(found, all.slice(0, found.length), 'what is there was appended, in this order')
  assert.ok(
    found.length >= before.length + life.acknowledged.length,
    'what was acknowledged is there',
  )
  assert.equal(found.length % 2, 0, 'an append is there whole or not at all')
}

test('a crash before any operation, whatever the disk keeps, loses nothing that was acknowledged', async () => {
  const whole = await live(new FaultyFiles(), Number.POSITIVE_INFINITY, 0)
  assert.equal(whole.isDead, false)
  const operations = whole.files.operations.length
  assert.ok(operations > 25, 'segments, groups, the mark')
  for (let dieAt = 0; dieAt <= operations; dieAt++) {
    for (const choice of [LOSES_ALL, KEEPS_ALL]) {
      const life = await live(new FaultyFiles(), dieAt, 0)
      await checkLifeAfter(life, choice)
    }
  }
})

/** The next process recovers, goes on, and dies anywhere in turn; the third one finds all of it. */
async function checkLifeAfter(life: Life, choice: CrashChoice): Promise<void> {
  for (let dieAt = 0; ; dieAt += 5) {
    const second = await live(life.files.crash(choice), dieAt, 100)
    if (second.recovered.length > 0 || second.appended.length > 0)
      checkPrefix(second.recovered, [], life)
    for (const later of [LOSES_ALL, KEEPS_ALL]) {
      const third = await openLog(second.files.crash(later), { segmentBytesMax: SEGMENT_BYTES_MAX })
      if (second.appended.length > 0) checkPrefix(textsOf(third.records), second.recovered, second)
      else checkPrefix(textsOf(third.records), [], life)
      await third.log.close()
    }
    if (!second.isDead) return
  }
}

test('the last write cut off at every byte is dropped whole, durably, and reported', async () => {
  const whole = await live(new FaultyFiles(), Number.POSITIVE_INFINITY, 0)
  for (let dieAt = 0; dieAt < whole.files.operations.length; dieAt++) {
    const operation = whole.files.operations[dieAt]
    if (operation?.kind !== 'sync' || !operation.path.endsWith('.log')) continue
    for (let bytes = 0; bytes <= 170; bytes++) {
      const life = await live(new FaultyFiles(), dieAt, 0)
      const torn = life.files.crash(cutAfter(bytes))
      const first = await openLog(torn, { segmentBytesMax: SEGMENT_BYTES_MAX })
      checkPrefix(textsOf(first.records), [], life)
      const sizes = sizesOf(torn)
      assert.equal(first.log.bytesUsed, sizes, 'the torn bytes are gone from the file')
      if (first.log.tornTail !== null) assert.ok(first.log.tornTail.bytes <= bytes)
      await first.log.append([recordOf(7), recordOf(8)])
      const second = await openLog(torn.crash(LOSES_ALL), { segmentBytesMax: SEGMENT_BYTES_MAX })
      const expected = [...textsOf(first.records), hexOf(recordOf(7)), hexOf(recordOf(8))]
      assert.deepEqual(textsOf(second.records), expected)
      assert.equal(second.log.tornTail, null, 'the cut was durable')
    }
  }
})

function sizesOf(files: FaultyFiles): number {
  let sum = 0
  for (const [path, bytes] of files.snapshot()) if (path.endsWith('.log')) sum += bytes.length
  return sum
}

test('any sectors of the unsynced write may be left, in any order', async () => {
  const choice = fc.record({
    dieAt: fc.integer({ min: 0, max: 45 }),
    kept: fc.infiniteStream(fc.boolean()),
    sector: fc.constantFrom(1, 8, 64),
  })
  await fc.assert(
    fc.asyncProperty(choice, async ({ dieAt, kept, sector }) => {
      const life = await live(new FaultyFiles(), dieAt, 0)
      const bits: boolean[] = []
      const left = life.files.crash(
        keepsSectors(sector, (index) => (bits[index] ??= kept.next().value ?? false)),
      )
      const { records } = await openLog(left, { segmentBytesMax: SEGMENT_BYTES_MAX })
      checkPrefix(textsOf(records), [], life)
    }),
    { numRuns: 400 },
  )
})

test('what a restarted process read and may have told others is still there after a power cut', async () => {
  const files = new FaultyFiles()
  const first = await openLog(files)
  await first.log.append([recordOf(0)])
  files.before = ({ kind }) => {
    if (kind === 'sync') throw new Crash('killed while the sync was under way')
  }
  await assert.rejects(first.log.append([recordOf(1)]))
  await first.log.close()
  files.before = () => {}
  // The page cache outlives the process: the second one reads a group that the disk does not have.
  const second = await openLog(files)
  assert.deepEqual(
    textsOf(second.records),
    [0, 1].map((index) => hexOf(recordOf(index))),
  )
  const afterPowerCut = await openLog(files.crash(LOSES_ALL))
  assert.deepEqual(textsOf(afterPowerCut.records), textsOf(second.records))
})
