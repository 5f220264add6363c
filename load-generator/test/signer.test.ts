import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import { checkBatchForm } from '@shardnet/node/audit'
import { accountSeed } from '@shardnet/node/config'
import { bytesOfHex, slotRangeOf } from '@shardnet/node/core'
import { PLAN_COLUMNS, planColumn, planned, plannedBytes } from '../src/plan-row.ts'
import { Planner } from '../src/planner.ts'
import { Signer } from '../src/signer.ts'
import { payloadBytesMaxOf, profileNames, type Workload } from '../src/workload.ts'
import { FakeTestnet } from './fake-testnet.ts'

const SHARDS = 2
const SPKI_PREFIX = bytesOfHex('302a300506032b6570032100')
const TRACE = { timesMs: Float64Array.of(0, 1, 2, 3), kinds: Uint8Array.of(0, 1, 2, 3) }

for (const profile of profileNames) {
  test(`${profile}: what is signed has the planned length, the form of its kind and a signature that holds`, () => {
    const { network } = new FakeTestnet({
      shards: SHARDS,
      validatorsPerShard: 4,
      accountsPerShard: 30,
      blockMs: 50,
    })
    const workload: Workload = {
      profile,
      fee: 1,
      validityHeights: 100,
      seed: 3,
      trace: TRACE,
      blobBytesMax: 900,
      cellsPerShard: 4,
    }
    const planner = new Planner(workload, network)
    const rows = planner.plan(60, [5, 9])
    const count = rows.length / PLAN_COLUMNS
    const accountTable = new SharedArrayBuffer(network.accountTable.length)
    new Uint8Array(accountTable).set(network.accountTable)
    const { networkId, accountsPerShard } = network
    const settings = { networkId, accountTable, shards: SHARDS, accountsPerShard, fee: 1, seed: 3 }
    const seeds = Buffer.concat(
      Array.from({ length: count }, (_, i) =>
        accountSeed(network.genesisSeed, at(rows, i, 'payerShard'), at(rows, i, 'payerIndex')),
      ),
    )
    const signer = new Signer({ ...settings, payloadBytesMax: payloadBytesMaxOf(workload) })
    const signed = signer.sign({ id: 0, rows, seeds: new Uint8Array(seeds) })
    let offset = 0
    for (let i = 0; i < count; i++) {
      const transaction = signed.subarray(offset, offset + plannedBytes(rows, i))
      offset += transaction.length
      const { first: slotFirst, end: slotEnd } = slotRangeOf(at(rows, i, 'payerShard'), SHARDS)
      const networkTag = Number.parseInt(networkId.slice(0, 8), 16)
      // The auditor's own reader: it shares no code with the encoder.
      const rules = { networkTag, slotFirst, slotEnd, payloadBytesMax: 900 }
      const form = checkBatchForm(transaction, 1, rules)
      assert.equal(form.kind, 'valid', JSON.stringify(form))
      assert.equal(transaction[1], at(rows, i, 'kind'))
      mustBeSigned(networkId, transaction)
    }
    assert.equal(offset, signed.length)
  })
}

function at(rows: Float64Array, i: number, column: keyof typeof planColumn): number {
  return planned(rows, i, planColumn[column])
}

function mustBeSigned(networkId: string, transaction: Uint8Array): void {
  const key = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, transaction.subarray(8, 40)]),
    format: 'der',
    type: 'spki',
  })
  const message = Buffer.concat([bytesOfHex(networkId), transaction.subarray(0, -64)])
  assert.ok(verify(null, message, key, transaction.subarray(-64)))
}
