import assert from 'node:assert/strict'
import { readFileSync, truncateSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ask, ProcessTestnet, type Seat } from './testnet.ts'

/** Idle blocks come one a second, and a checkpoint every five. */
const HEIGHT = 12

async function untilExecuted(seat: Seat, height: number): Promise<number> {
  for (const signal = AbortSignal.timeout(240_000); ;) {
    signal.throwIfAborted()
    assert(seat.child, 'it runs')
    // It does not answer while it starts, nor ever again when it ended: that is asserted above.
    const reply = await ask(seat, 'shardnet_status').catch(() => null)
    if (Number(reply?.['executedHeight']) >= height) return Number(reply?.['executedHeight'])
    await delay(100)
  }
}

/** Cuts a log behind the first groups of its only segment (docs/log-format.md). */
function keepFirstGroups(file: string, share: number): void {
  const bytes = readFileSync(file)
  const ends: number[] = []
  for (let at = 64; at + 24 <= bytes.length;) {
    at += 24 + bytes.readUInt32BE(at + 12)
    ends.push(at)
  }
  truncateSync(file, ends[Math.floor(ends.length * share)])
}

test('a state that is ahead of its log is thrown away, and the validator follows the chain', async (context) => {
  const parent = await mkdtemp(join(tmpdir(), 'shardnet-process-'))
  const testnet = await ProcessTestnet.create(parent, { shards: 1, validatorsPerShard: 4 })
  context.after(async () => {
    await testnet.end()
    await rm(parent, { recursive: true, force: true })
  })
  await testnet.startAll()
  const seat = testnet.seat(0, 0)
  const height = await untilExecuted(seat, HEIGHT)
  await Promise.all(testnet.seats.map((each) => testnet.kill(each)))
  // One of four may forget what it promised: it counts as faulty, and still has to follow.
  keepFirstGroups(join(seat.dataDirectory, 'log', '00000001.log'), 0.4)
  await testnet.startAll()
  const { child } = seat
  await untilExecuted(seat, height + 3)
  assert.equal(seat.child, child, 'nothing ended it')
  assert.match(testnet.logOf(seat), /state is ahead of the log/)
})
