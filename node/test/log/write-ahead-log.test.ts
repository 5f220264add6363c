import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { hexOf } from '../../src/core/primitives/bytes.ts'
import { WriteAheadLog, type GroupSynced } from '../../src/host/log/write-ahead-log.ts'
import { diskError, FaultyFiles, KEEPS_ALL, LOSES_ALL } from './faulty-files.ts'
import { FOLDER, isLogError, NETWORK, openLog, recordOf, textsOf } from './open-log.ts'

test('a record is there after a restart, at the position that append gave, in the order of appends', async () => {
  const files = new FaultyFiles()
  const first = await openLog(files, { segmentBytesMax: 500 })
  const positions: number[] = []
  for (let index = 0; index < 30; index += 3) {
    const records = [recordOf(index), recordOf(index + 1), recordOf(index + 2)]
    positions.push(...(await first.log.append(records)))
  }
  await first.log.close()
  const again = await openLog(files, { segmentBytesMax: 500 })
  const expected = positions.map((position, index) => ({ position, text: hexOf(recordOf(index)) }))
  assert.deepEqual(again.records, expected)
  assert.ok(files.snapshot().size > 2, 'the log has several segments')
  for (const { position, text } of expected)
    assert.equal(hexOf(await again.log.read(position)), text)
  await again.log.close()
})

test('an append resolves after the sync of its group, and the next group is written only then', async () => {
  const files = new FaultyFiles()
  const groups: GroupSynced[] = []
  const { log } = await openLog(files, { onSync: (group) => groups.push(group) })
  await log.append([recordOf(0)])
  const before = files.operations.length
  const gate = Promise.withResolvers<void>()
  const syncBegan = Promise.withResolvers<void>()
  files.before = async ({ kind }) => {
    if (kind !== 'sync') return
    syncBegan.resolve()
    await gate.promise
  }
  let isAcknowledged = false
  const one = log.append([recordOf(1)]).finally(() => {
    isAcknowledged = true
  })
  await syncBegan.promise
  const later = [2, 3, 4].map((index) => log.append([recordOf(index)]))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isAcknowledged, false, 'nothing counts before it is durable')
  assert.deepEqual(kindsSince(files, before), ['write', 'sync'], 'the second group waits')
  gate.resolve()
  await Promise.all([one, ...later])
  assert.deepEqual(
    kindsSince(files, before),
    ['write', 'sync', 'write', 'sync'],
    'the rest is one group',
  )
  assert.deepEqual(
    groups.map(({ records }) => records),
    [1, 1, 3],
  )
  assert.deepEqual(
    textsOf((await openLog(files.crash(LOSES_ALL))).records),
    [0, 1, 2, 3, 4].map((i) => hexOf(recordOf(i))),
  )
})

function kindsSince(files: FaultyFiles, first: number): string[] {
  return files.operations.slice(first).map(({ kind }) => kind)
}

test('synced resolves when everything appended so far is durable, and tells what stopped the log', async () => {
  const files = new FaultyFiles()
  const { log } = await openLog(files)
  await log.synced()
  await log.append([Buffer.from('zero')])
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let syncs = 0
  files.before = async ({ kind }) => {
    if (kind === 'sync') await gates[syncs++]?.promise
  }
  const order: string[] = []
  const first = log.append([Buffer.from('one')]).then(() => order.push('one'))
  // The first group is under way: this one waits for the next.
  await new Promise(setImmediate)
  const second = log.append([Buffer.from('two')]).then(() => order.push('two'))
  const synced = log.synced().then(() => order.push('synced'))
  gates[0]?.resolve()
  await first
  assert.deepEqual(order, ['one'])
  gates[1]?.resolve()
  await Promise.all([second, synced])
  assert.deepEqual(order, ['one', 'two', 'synced'])
  files.before = async ({ kind }) => {
    if (kind === 'sync') throw diskError('EIO', 'fdatasync')
  }
  await assert.rejects(log.append([Buffer.from('three')]), isLogError('sync', /check the disk/))
  await assert.rejects(log.synced(), isLogError('sync', /check the disk/))
})

test('what was acknowledged survives the meanest crash, whatever the schedule of appends', async () => {
  const schedule = fc.array(fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 25,
  })
  await fc.assert(
    fc.asyncProperty(
      schedule,
      fc.integer({ min: 100, max: 2_000 }),
      async (appends, segmentBytesMax) => {
        const files = new FaultyFiles()
        const { log } = await openLog(files, { segmentBytesMax })
        const sent = appends.map((lengths, index) =>
          lengths.map((length) => new Uint8Array(length).fill(index)),
        )
        const positions = (await Promise.all(sent.map((records) => log.append(records)))).flat()
        const { records, log: again } = await openLog(files.crash(LOSES_ALL), { segmentBytesMax })
        assert.deepEqual(textsOf(records), sent.flat().map(hexOf))
        assert.deepEqual(
          records.map(({ position }) => position),
          positions,
        )
        assert.equal(again.bytesUsed, log.bytesUsed)
      },
    ),
  )
})

test('a failed fsync stops the log: it is not tried again and nothing is written behind it', async () => {
  for (const fails of [2, 3, 5]) {
    const files = new FaultyFiles()
    const { log } = await openLog(files)
    let syncs = 0
    files.before = ({ kind }) => {
      if (kind === 'sync' && ++syncs === fails) throw diskError('EIO', 'fdatasync')
    }
    const acknowledged: number[] = []
    const failures: unknown[] = []
    for (let index = 0; index < 8; index++) {
      await log.append([recordOf(index)]).then(
        () => acknowledged.push(index),
        (error: unknown) => failures.push(error),
      )
    }
    assert.equal(failures.length, 8 - acknowledged.length)
    assert.ok(failures.every(isLogError('sync', /check the disk/)))
    assert.equal(
      files.operations.at(-1)?.kind,
      'sync',
      'the failed sync is the last thing that happened',
    )
    assert.equal(syncs, fails)
    await log.close()
    assert.ok(
      ![...files.snapshot().keys()].includes(`${FOLDER}/closed`),
      'no mark of an orderly end',
    )
    for (const choice of [LOSES_ALL, KEEPS_ALL]) {
      const { records } = await openLog(files.crash(choice))
      const expected = acknowledged.map((index) => hexOf(recordOf(index)))
      assert.deepEqual(textsOf(records).slice(0, expected.length), expected)
    }
  }
})

test('a full disk stops the log with one sentence, half a group written or none', async () => {
  for (const bytesBeforeError of [0, 1, 30, 60]) {
    const files = new FaultyFiles()
    files.bytesBeforeError = bytesBeforeError
    const { log } = await openLog(files)
    await log.append([recordOf(0)])
    files.before = ({ kind }) => {
      if (kind === 'write') throw diskError('ENOSPC', 'write')
    }
    const refused = [log.append([recordOf(1)]), log.append([recordOf(2)])]
    for (const append of refused)
      await assert.rejects(append, isLogError('diskFull', /no space left/))
    await assert.rejects(log.append([recordOf(3)]), isLogError('diskFull'))
    await log.close()
    // The space came back: a restart goes on from what was acknowledged.
    files.before = () => {}
    const again = await openLog(files)
    assert.deepEqual(textsOf(again.records), [hexOf(recordOf(0))])
    await again.log.append([recordOf(4)])
    await again.log.close()
    assert.deepEqual(
      textsOf((await openLog(files)).records),
      [0, 4].map((index) => hexOf(recordOf(index))),
    )
  }
})

test('the byte budget stops the log before it is overrun', async () => {
  const files = new FaultyFiles()
  const diskBytesMax = 5_000
  const { log } = await openLog(files, { diskBytesMax, segmentBytesMax: 1_000 })
  let acknowledged = 0
  await assert.rejects(
    async () => {
      for (;;) {
        await log.append([recordOf(acknowledged, 200)])
        acknowledged += 1
      }
    },
    isLogError('budget', /diskBytesMax/),
  )
  const sizes = [...files.snapshot().values()].map((bytes) => bytes.length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  assert.equal(log.bytesUsed, total)
  assert.ok(total <= diskBytesMax && total > diskBytesMax - 500)
  await log.close()
  assert.equal((await openLog(files, { diskBytesMax })).records.length, acknowledged)
})

test('an append before the log was read to its end is a defect', async () => {
  const { log } = await WriteAheadLog.open({
    directory: FOLDER,
    networkId: NETWORK,
    diskBytesMax: 1_000_000,
    files: new FaultyFiles(),
  })
  assert.throws(() => log.append([recordOf(0)]), /read to its end/)
  await log.close()
})

test('after close nothing is taken, and what was appended before it is durable', async () => {
  const files = new FaultyFiles()
  const { log } = await openLog(files)
  const appended = log.append([recordOf(0)])
  await log.close()
  await appended
  await assert.rejects(log.append([recordOf(1)]), isLogError('closed'))
  await assert.rejects(log.read(67_108_864 + 88), isLogError('closed'))
  assert.deepEqual(textsOf((await openLog(files.crash(LOSES_ALL))).records), [hexOf(recordOf(0))])
})

test('a record that rotted on the disk is not served', async () => {
  const files = new FaultyFiles()
  const first = await openLog(files)
  const [position = 0] = await first.log.append([recordOf(0, 10_000)])
  await first.log.append([recordOf(1)])
  const rotten = files.snapshot()
  rotten.get(`${FOLDER}/00000001.log`)?.writeUInt8(0xff, 6_000)
  const { log } = await WriteAheadLog.open({
    directory: FOLDER,
    networkId: NETWORK,
    diskBytesMax: 1_000_000,
    files: new FaultyFiles(rotten),
  })
  await assert.rejects(
    log.read(position),
    isLogError('damaged', /00000001\.log: the record at byte 88/),
  )
  await log.close()
})
