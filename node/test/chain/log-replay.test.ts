import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Recovery } from '../../src/core/consensus/recovery.ts'
import { decodeWith } from '../../src/core/primitives/byte-reader.ts'
import { readLogRecord } from '../../src/core/wire/log-record.ts'
import { ChainIndex } from '../../src/host/chain/chain-index.ts'
import { findAnswer } from '../../src/host/chain/log-lookup.ts'
import { LogReplay } from '../../src/host/chain/log-replay.ts'
import { Cluster } from '../consensus/cluster.ts'

test('a validator that restarts from a checkpoint serves the blocks below it too', () => {
  const cluster = new Cluster(4, 41)
  cluster.run(12_000)
  const machine = cluster.machine(0)
  const checkpoint = machine.executed.slice(0, 5)
  const index = new ChainIndex()
  const replay = new LogReplay(index, new Recovery(cluster.optionsOf(0), checkpoint), 5)
  for (const [position, bytes] of machine.disk.entries())
    assert.equal(replay.take(position, bytes), null)
  assert.equal(index.height, machine.committed.length)
  assert.equal(replay.unexecuted[0]?.proposal.header.height, 6)
  const lookup = findAnswer(index, { kind: 'blocks', fromHeight: 1 })
  let step = lookup.next(new Uint8Array(0))
  while (step.done !== true) {
    const bytes = machine.disk[step.value]
    assert.ok(bytes && decodeWith(bytes, readLogRecord).kind === 'value')
    step = lookup.next(bytes)
  }
  assert.equal(step.value?.kind, 'blocks')
})
