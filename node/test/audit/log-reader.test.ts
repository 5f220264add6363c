import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readLog, type LogReading } from '../../src/audit/log-reader.ts'
import type { Hash } from '../../src/core/primitives/hash.ts'
import { WriteAheadLog } from '../../src/host/log/write-ahead-log.ts'
import { writeLogFolder } from './support/log-writer.ts'

const NETWORK = '5a'.repeat(32) as Hash
let directory = ''

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'audit-log-'))
})
after(() => rm(directory, { recursive: true, force: true }))

interface Taken {
  readonly reading: LogReading
  readonly records: readonly string[]
}

async function read(folder: string): Promise<Taken> {
  const records: string[] = []
  const reading = await readLog(folder, NETWORK, (bytes) => {
    records.push(bytes.toString('hex'))
    return undefined
  })
  return { reading, records }
}

/** Names of a folder's segments, in order. */
async function segmentsOf(folder: string): Promise<string[]> {
  return (await readdir(join(folder, 'log'))).filter((name) => name.endsWith('.log')).toSorted()
}

/** Several segments as the validator itself writes them. */
async function realLog(
  name: string,
  isClosed: boolean,
): Promise<{ folder: string; written: string[] }> {
  const folder = join(directory, name)
  const { log, recovered } = await WriteAheadLog.open({
    directory: join(folder, 'log'),
    networkId: NETWORK,
    diskBytesMax: 1_000_000,
    segmentBytesMax: 600,
  })
  for await (const record of recovered) assert.fail(`nothing to recover, not ${record.position}`)
  const written: string[] = []
  for (let group = 0; group < 12; group++) {
    const records = Array.from({ length: 1 + (group % 3) }, (_, index) =>
      Buffer.alloc(20 + 7 * group + index, 16 * group + index),
    )
    await log.append(records)
    written.push(...records.map((record) => record.toString('hex')))
  }
  if (isClosed) await log.close()
  else
    await cp(join(folder, 'log'), join(folder, 'copy', 'log'), { recursive: true }).then(() =>
      log.close(),
    )
  return { folder: isClosed ? folder : join(folder, 'copy'), written }
}

test('the log that a validator writes is read record by record, over all segments', async () => {
  const { folder, written } = await realLog('real', true)
  const { reading, records } = await read(folder)
  assert.equal(reading.problem, null)
  assert.deepEqual([reading.groups, reading.records, reading.tornBytes], [12, written.length, 0])
  assert.deepEqual(records, written)
})

test('places name the bytes of their record', async () => {
  const { folder } = await realLog('places', true)
  const places: { file: string; offset: number; length: number; bytes: string }[] = []
  await readLog(folder, NETWORK, (bytes, place) => {
    places.push({ ...place, bytes: bytes.toString('hex') })
    return undefined
  })
  for (const { file, offset, length, bytes } of places) {
    const found = (await readFile(file)).subarray(offset, offset + length).toString('hex')
    assert.equal(found, bytes)
  }
})

test('any flipped byte is damage, except in the last group of a log that was not closed', async () => {
  const { folder, written } = await realLog('flips', false)
  const files = await segmentsOf(folder)
  assert.ok(files.length >= 4)
  let damaged = 0
  let torn = 0
  for (const name of files) {
    const file = join(folder, 'log', name)
    const good = await readFile(file)
    for (let at = 0; at < good.length; at += 3) {
      const bad = Buffer.from(good)
      bad[at] = (bad[at] ?? 0) ^ 0x20
      await writeFile(file, bad)
      const { reading, records } = await read(folder)
      if (reading.problem === null) {
        assert.ok(reading.tornBytes > 0, `byte ${at} of ${name} went unnoticed`)
        assert.deepEqual(records, written.slice(0, records.length))
        torn += 1
      } else {
        damaged += 1
      }
    }
    await writeFile(file, good)
  }
  assert.ok(damaged > 300 && torn > 10 && torn < damaged, `${damaged} damaged, ${torn} torn`)
  assert.equal((await read(folder)).reading.problem, null)
})

test('in one segment, only what lies in the last group can be a torn tail', async () => {
  const folder = join(directory, 'one')
  const payloads = ['first', 'second', 'third'].map((text) => [Buffer.from(text)])
  const groups = await writeLogFolder(folder, NETWORK, payloads, false)
  const file = join(folder, 'log', '00000001.log')
  const good = await readFile(file)
  const [, second, last] = groups
  assert.ok(second !== undefined && last !== undefined)
  for (let at = 0; at < good.length; at++) {
    const bad = Buffer.from(good)
    bad[at] = (bad[at] ?? 0) ^ 0x01
    await writeFile(file, bad)
    const { reading } = await read(folder)
    const isRefused = reading.problem !== null
    assert.equal(isRefused, at < last.offset, `byte ${at}`)
    assert.equal(reading.tornBytes, isRefused ? 0 : last.length)
  }
  const cut = [good.subarray(0, second.offset), good.subarray(second.offset + second.length)]
  await writeFile(file, Buffer.concat(cut))
  assert.equal((await read(folder)).reading.problem?.code, 'logDamaged')
})

test('a log that was closed has no torn tail', async () => {
  const { folder } = await realLog('closed', true)
  const last = join(folder, 'log', (await segmentsOf(folder)).at(-1) ?? '')
  const good = await readFile(last)
  await writeFile(last, good.subarray(0, good.length - 1))
  assert.equal((await read(folder)).reading.problem?.code, 'logDamaged')
})

test('a missing segment is damage', async () => {
  const { folder } = await realLog('missing', false)
  await unlink(join(folder, 'log', '00000002.log'))
  assert.equal((await read(folder)).reading.problem?.code, 'logDamaged')
})

test('a segment that was begun and not finished is a torn tail', async () => {
  const { folder, written } = await realLog('begun', false)
  const next = String((await segmentsOf(folder)).length + 1).padStart(8, '0')
  await writeFile(join(folder, 'log', `${next}.log`), Buffer.alloc(40))
  const { reading, records } = await read(folder)
  assert.deepEqual([reading.problem, reading.tornBytes, records.length], [null, 40, written.length])
})

test('the writer of these tests and that of the validator mean the same format', async () => {
  const folder = join(directory, 'same')
  await writeLogFolder(folder, NETWORK, [
    [Buffer.from('one'), Buffer.from('two')],
    [Buffer.from('three')],
  ])
  const { log, recovered } = await WriteAheadLog.open({
    directory: join(folder, 'log'),
    networkId: NETWORK,
    diskBytesMax: 1_000_000,
  })
  const texts: string[] = []
  for await (const { bytes } of recovered) texts.push(Buffer.from(bytes).toString())
  await log.close()
  assert.deepEqual(texts, ['one', 'two', 'three'])
})
