import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { bytesOfHex, hexOf } from '../../src/core/primitives/bytes.ts'
import { NETWORK, openWith, recordOf, type RecoveredTestLog } from './open-log.ts'

const APPENDER = new URL('./appender.ts', import.meta.url).pathname
const ROUNDS = 6
const ACKNOWLEDGED_PER_ROUND = 150

test('kill -9 in the middle of appends: everything acknowledged is there after each restart', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'shardnet-kill-'))
  try {
    const acknowledged = new Set<number>()
    let next = 0
    for (let round = 0; round < ROUNDS; round++) {
      for (const index of await appendUntilKilled(
        directory,
        next,
        ACKNOWLEDGED_PER_ROUND + round * 13,
      ))
        acknowledged.add(index)
      const { log, records } = await openReal(directory)
      const found = records.map(({ text }) => indexOfRecord(text))
      const there = new Set(found)
      assert.equal(there.size, found.length, 'nothing twice')
      for (const index of acknowledged)
        assert.ok(there.has(index), `record ${index} was acknowledged and is lost`)
      for (const [at, { position, text }] of records.entries()) {
        if (at % 40 === 0) assert.equal(hexOf(await log.read(position)), text)
      }
      next = Math.max(...found) + 1
      await log.close()
    }
    const segments = (await readdir(directory)).filter((name) => name.endsWith('.log'))
    assert.ok(segments.length > 3, `segments were changed under fire: ${segments.length}`)
  } finally {
    await rm(directory, { recursive: true })
  }
})

async function openReal(directory: string): Promise<RecoveredTestLog> {
  return openWith({
    directory,
    networkId: NETWORK,
    diskBytesMax: 1_000_000_000,
    segmentBytesMax: 60_000,
  })
}

async function appendUntilKilled(
  directory: string,
  first: number,
  count: number,
): Promise<number[]> {
  const child = spawn(process.execPath, [APPENDER, directory, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line))
    if (acknowledged.length === count) child.kill('SIGKILL')
  }
  await exited
  assert.equal(child.signalCode, 'SIGKILL')
  return acknowledged
}

function indexOfRecord(text: string): number {
  const bytes = bytesOfHex(text)
  const index = new DataView(bytes.buffer).getUint32(0)
  assert.equal(text, hexOf(recordOf(index, bytes.length)), 'a record is as it was written')
  return index
}
