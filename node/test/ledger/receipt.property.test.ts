import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  batchesRootOf,
  proveResult,
  resultLeafOf,
  resultRootOf,
  verifyReceipt,
} from '../../src/core/ledger/receipt.ts'
import { joinBytes } from '../../src/core/primitives/bytes.ts'
import { hashOfBytes, ZERO_HASH } from '../../src/core/primitives/hash.ts'
import { batchOf, blockOf, genesisLedger, seeded, testAccount } from './support/world.ts'

const NONE = new Uint8Array(0)
const batches = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), {
  minLength: 1,
  maxLength: 20,
})

/** Bytes that stand for reads: the receipt does not take them apart. */
function readsOf(codes: Uint8Array): Uint8Array {
  return codes.toReversed().subarray(codes.length >> 1)
}

test('every batch of a block has a receipt, which proves its own results and place only', () => {
  fc.assert(
    fc.property(batches, fc.nat(), (results, flip) => {
      const digests = results.map((_, i) => hashOfBytes(seeded(`batch ${i}`)))
      const leaves = results.map((codes, i) =>
        resultLeafOf(digests[i] ?? ZERO_HASH, { results: codes, reads: readsOf(codes) }),
      )
      const before = hashOfBytes(seeded('before'))
      const after = hashOfBytes(seeded('after'))
      const root = resultRootOf(resultRootOf(before, batchesRootOf(leaves)), after)
      for (const [batchIndex, codes] of results.entries()) {
        const receipt = {
          digest: digests[batchIndex] ?? ZERO_HASH,
          results: codes,
          reads: readsOf(codes),
          batchIndex,
          path: proveResult(leaves, batchIndex),
          previous: before,
          later: [after],
        }
        assert.ok(verifyReceipt(receipt, root))
        const forged = codes.slice()
        forged[flip % codes.length] = (forged[flip % codes.length] ?? 0) ^ 1
        assert.ok(!verifyReceipt({ ...receipt, results: forged }, root), 'other results')
        const [rest, last] = [codes.subarray(0, -1), codes.subarray(-1)]
        const moved = { ...receipt, results: rest, reads: joinBytes([last, receipt.reads]) }
        assert.ok(!verifyReceipt(moved, root), 'other border between results and reads')
        const unread = { ...receipt, reads: receipt.reads.subarray(1) }
        assert.ok(receipt.reads.length === 0 || !verifyReceipt(unread, root), 'other reads')
        assert.ok(!verifyReceipt({ ...receipt, digest: ZERO_HASH }, root), 'other batch')
        assert.ok(!verifyReceipt({ ...receipt, previous: ZERO_HASH }, root), 'other chain before')
        assert.ok(!verifyReceipt({ ...receipt, later: [] }, root), 'chain cut off')
        assert.ok(!verifyReceipt({ ...receipt, later: [after, after] }, root), 'chain too long')
        assert.ok(!verifyReceipt({ ...receipt, batchIndex: batchIndex + 1 }, root), 'other place')
        assert.ok(
          !verifyReceipt({ ...receipt, path: receipt.path.slice(1) }, root) ||
            receipt.path.length === 0,
          'shorter path',
        )
        assert.ok(
          !verifyReceipt({ ...receipt, path: [...receipt.path, ZERO_HASH] }, root),
          'longer path',
        )
        assert.ok(!verifyReceipt({ ...receipt, batchIndex: -1 }, root))
      }
    }),
  )
})

test('a receipt holds under the root of the block that executed the batch, and under no empty block', () => {
  const ledger = genesisLedger(0, 1)
  const batch = batchOf([
    { from: testAccount(0, 1, 0), to: [{ address: testAccount(0, 1, 1).address, amount: 1 }] },
  ])
  const executed = ledger.executeBlock(blockOf(ledger, { batches: [batch] }))
  const { results, reads } = executed.event.batches[0] ?? { results: NONE, reads: NONE }
  const receipt = {
    digest: batch.digest,
    results,
    reads,
    batchIndex: 0,
    path: proveResult(executed.resultLeaves, 0),
    previous: ZERO_HASH,
    later: [],
  }
  assert.ok(verifyReceipt(receipt, executed.roots.result))
  assert.ok(!verifyReceipt(receipt, ZERO_HASH))
  const idle = ledger.executeBlock(blockOf(ledger, {}))
  assert.equal(idle.roots.result, executed.roots.result, 'a block without batches changes nothing')
  const next = ledger.executeBlock(blockOf(ledger, { batches: [batchOf([])] }))
  const later = batchesRootOf(next.resultLeaves)
  assert.ok(later !== null && verifyReceipt({ ...receipt, later: [later] }, next.roots.result))
})
