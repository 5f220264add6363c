import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { bytesOfHex, hexOf } from '../../src/core/primitives/bytes.ts'
import { domainHash, hashOfBytes } from '../../src/core/primitives/hash.ts'
import { LogError } from '../../src/core/log/log-error.ts'
import { cutAfter, FaultyFiles } from './faulty-files.ts'
import { FOLDER, isLogError, NETWORK, openLog, recordOf, textsOf } from './open-log.ts'

const SEGMENT_BYTES_MAX = 300
const RECORDS = 8

/** Three segments, one record of 40 bytes per group, no shutdown mark: as `kill -9` leaves it. */
async function writtenLog(): Promise<Map<string, Buffer>> {
  const files = new FaultyFiles()
  const { log } = await openLog(files, { segmentBytesMax: SEGMENT_BYTES_MAX })
  for (let index = 0; index < RECORDS; index++) await log.append([recordOf(index)])
  return files.snapshot()
}

function segmentPath(number: number): string {
  return `${FOLDER}/0000000${number}.log`
}

/** Copies the files with one of them changed. */
function changed(
  files: ReadonlyMap<string, Buffer>,
  path: string,
  change: (bytes: Buffer) => Buffer,
): Map<string, Buffer> {
  const copy = new Map<string, Buffer>(
    [...files].map(([name, bytes]) => [name, Buffer.from(bytes)]),
  )
  copy.set(path, change(copy.get(path) ?? Buffer.alloc(0)))
  return copy
}

const ALL = Array.from({ length: RECORDS }, (_, index) => hexOf(recordOf(index)))

test('a flipped bit anywhere stops the log, or takes the last group and nothing else', async () => {
  const files = await writtenLog()
  const last = segmentPath(3)
  assert.equal(files.size, 3)
  let dropped = 0
  for (const [path, bytes] of files) {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = changed(files, path, (copy) => {
        copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        return copy
      })
      const found = await openLog(new FaultyFiles(flipped)).then(
        ({ records }) => textsOf(records),
        asLogError,
      )
      if (found instanceof LogError) {
        assert.equal(found.code, 'damaged', `${path} bit ${bit}`)
        continue
      }
      assert.equal(path, last, `${path} bit ${bit} was not noticed`)
      assert.deepEqual(found, ALL.slice(0, -1))
      dropped += 1
    }
  }
  // Header, record header and record of the one group that nothing follows.
  assert.equal(dropped, (24 + 8 + 40) * 8)
})

function asLogError(error: unknown): LogError {
  assert.ok(error instanceof LogError, String(error))
  return error
}

test('damage is told with file, place and what to do, and the files stay as they are', async () => {
  const files = await writtenLog()
  const damaged = new FaultyFiles(
    changed(files, segmentPath(2), (bytes) => {
      bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100)
      return bytes
    }),
  )
  const before = damaged.snapshot()
  await assert.rejects(
    openLog(damaged),
    isLogError('damaged', /00000002\.log: group 4 .* at byte 64.*Move the data folder away/s),
  )
  assert.deepEqual(damaged.snapshot(), before)
})

test('a segment that is missing, cut, empty or in the wrong place is damage', async () => {
  const files = await writtenLog()
  const without = (path: string) => new Map([...files].filter(([name]) => name !== path))
  const swapped = new Map(files)
  swapped.set(segmentPath(1), files.get(segmentPath(2)) ?? Buffer.alloc(0))
  swapped.set(segmentPath(2), files.get(segmentPath(1)) ?? Buffer.alloc(0))
  const cases: [string, Map<string, Buffer>][] = [
    ['first missing', without(segmentPath(1))],
    ['middle missing', without(segmentPath(2))],
    ['middle cut', changed(files, segmentPath(2), (bytes) => bytes.subarray(0, -1))],
    ['middle without a group', changed(files, segmentPath(2), (bytes) => bytes.subarray(0, 64))],
    ['middle empty', changed(files, segmentPath(2), () => Buffer.alloc(0))],
    [
      'bytes behind the middle',
      changed(files, segmentPath(2), (bytes) => Buffer.concat([bytes, Buffer.alloc(3)])),
    ],
    ['swapped', swapped],
    ['header of the last', changed(files, segmentPath(3), (bytes) => bytes.fill(0, 0, 64))],
  ]
  for (const [name, left] of cases)
    await assert.rejects(openLog(new FaultyFiles(left)), isLogError('damaged'), name)
})

test('a group copied over another one (a stale or misdirected block) is damage', async () => {
  const files = await writtenLog()
  const groupBytes = 24 + 8 + 40
  for (const [from, to] of [
    [0, 1],
    [1, 0],
    [0, 2],
    [1, 2],
  ] as const) {
    const copied = changed(files, segmentPath(1), (bytes) => {
      const group = Buffer.from(
        bytes.subarray(64 + from * groupBytes, 64 + (from + 1) * groupBytes),
      )
      group.copy(bytes, 64 + to * groupBytes)
      return bytes
    })
    await assert.rejects(
      openLog(new FaultyFiles(copied)),
      isLogError('damaged'),
      `group ${from} over ${to}`,
    )
  }
})

test('the folder of another network or a newer format is refused with one sentence', async () => {
  const files = await writtenLog()
  const networkId = domainHash('shardnet/test/v1', Uint8Array.of(2))
  await assert.rejects(
    openLog(new FaultyFiles(files), { networkId }),
    isLogError('otherNetwork', /belongs to network/),
  )
  const newer = changed(files, segmentPath(1), (bytes) => {
    bytes.writeUInt32BE(2, 8)
    bytes.writeUInt32BE(crc32(bytes.subarray(0, 60)), 60)
    return bytes
  })
  await assert.rejects(openLog(new FaultyFiles(newer)), isLogError('newerFormat', /log format 2/))
})

test('after an orderly end a cut or grown log is damage, not a torn tail', async () => {
  const files = new FaultyFiles()
  const { log } = await openLog(files)
  for (let index = 0; index < 3; index++) await log.append([recordOf(index)])
  await log.close()
  const closed = files.snapshot()
  const path = segmentPath(1)
  const size = closed.get(path)?.length ?? 0
  for (let kept = 64; kept < size; kept++) {
    const cut = changed(closed, path, (bytes) => bytes.subarray(0, kept))
    await assert.rejects(openLog(new FaultyFiles(cut)), isLogError('damaged'), `cut to ${kept}`)
  }
  const grown = changed(closed, path, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]))
  await assert.rejects(
    openLog(new FaultyFiles(grown)),
    isLogError('damaged', /closed in order after group 3/),
  )
  const gone = new Map([...closed].filter(([name]) => name !== path))
  await assert.rejects(openLog(new FaultyFiles(gone)), isLogError('damaged'))
  const rotten = changed(closed, `${FOLDER}/closed`, (bytes) => bytes.fill(7, 20, 21))
  await assert.rejects(openLog(new FaultyFiles(rotten)), isLogError('damaged', /closed: the mark/))
})

test('bytes of a client that look like a later group do not turn a torn tail into damage', async () => {
  const files = new FaultyFiles()
  const { log } = await openLog(files)
  await log.append([recordOf(0)])
  const syncBegan = Promise.withResolvers<void>()
  files.before = ({ kind }) => {
    if (kind !== 'sync') return
    syncBegan.resolve()
    throw new Error('power cut')
  }
  const appended = log.append([Buffer.concat([forgedGroup(9), Buffer.alloc(200), forgedGroup(3)])])
  await syncBegan.promise
  await assert.rejects(appended)
  const { records, log: again } = await openLog(files.crash(cutAfter(200)))
  assert.deepEqual(textsOf(records), [hexOf(recordOf(0))])
  assert.equal(again.tornTail?.bytes, 200)
})

/** A whole group with right checksums, as somebody makes it who does not know the segment's salt. */
function forgedGroup(sequence: number): Buffer {
  const payload = Buffer.alloc(16)
  payload.writeUInt32BE(8, 0)
  payload.writeUInt32BE(crc32(payload.subarray(8)), 4)
  const header = Buffer.alloc(24)
  header.write('SGRP', 0, 'latin1')
  header.writeBigUInt64BE(BigInt(sequence), 4)
  header.writeUInt32BE(payload.length, 12)
  header.writeUInt32BE(crc32(payload), 16)
  header.writeUInt32BE(crc32(header.subarray(0, 20), crc32(Buffer.alloc(4))), 20)
  return Buffer.concat([header, payload])
}

test('the example of docs/log-format.md, made by another program, reads as the page says', async () => {
  const page = await readFile(new URL('../../../docs/log-format.md', import.meta.url), 'utf8')
  const example = page.slice(page.indexOf('## Example'))
  const [segmentText = '', markText = ''] = example
    .slice(example.indexOf('`00000001.log`'))
    .split('`closed`')
  const files = new Map([
    [segmentPath(1), bytesOfBlock(segmentText)],
    [`${FOLDER}/closed`, bytesOfBlock(markText)],
  ])
  const networkId = hashOfBytes(Uint8Array.from({ length: 32 }, (_, index) => index))
  const { records } = await openLog(new FaultyFiles(files), { networkId })
  assert.deepEqual(
    records.map(({ position, text }) => [position, Buffer.from(bytesOfHex(text)).toString()]),
    [...segmentText.matchAll(/at (\d+)(?: and (\d+))?/g)]
      .flatMap((match) => match.slice(1).filter((digits) => digits !== undefined))
      .map((digits, index) => [Number(digits), ['first', '', 'second'][index]]),
  )
  await assert.rejects(
    openLog(new FaultyFiles(files), { networkId: NETWORK }),
    isLogError('otherNetwork'),
  )
})

function bytesOfBlock(text: string): Buffer {
  const lines = text.split('\n').filter((line) => /^ {4}[0-9a-f]+$/.test(line))
  return Buffer.from(lines.join('').replaceAll(' ', ''), 'hex')
}
