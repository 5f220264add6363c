import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  readCellProof,
  verifyCellProof,
  writeCellProof,
  type CellProof,
} from '../../src/core/ledger/cell-proof.ts'
import { verifyAccountProof } from '../../src/core/ledger/account-proof.ts'
import type { Ledger } from '../../src/core/ledger/ledger.ts'
import { decodeWith } from '../../src/core/primitives/byte-reader.ts'
import { ByteWriter } from '../../src/core/primitives/byte-writer.ts'
import { asciiBytes } from '../../src/core/primitives/bytes.ts'
import { ZERO_HASH, type Hash } from '../../src/core/primitives/hash.ts'
import { cellKeyOf } from '../../src/core/wire/cell-operation.ts'
import { executeTransfers, genesisLedger, testAccount } from './support/world.ts'

const COUNT = 40
const payer = testAccount(1, 4, 0)
const keyOf = (index: number) => cellKeyOf(payer.slot + (index & 3), asciiBytes(`cell ${index}`))
const valueOf = (index: number) => asciiBytes(`value ${index}`)

function filled(): Ledger {
  const ledger = genesisLedger(1, 4, { balance: 1_000_000 })
  const transactions = Array.from({ length: COUNT }, (_, index) => ({
    from: payer,
    nonce: index,
    fee: 100,
    operation: { kind: 'put', cell: keyOf(index), value: valueOf(index) } as const,
  }))
  executeTransfers(ledger, transactions)
  return ledger
}

function prove(ledger: Ledger, key: Uint8Array): CellProof {
  const proof = ledger.proveCell(key)
  assert.ok(proof !== null)
  return proof
}

test('every cell is proved with its value, and every other key of the shard without one', () => {
  const ledger = filled()
  for (let index = 0; index < 2 * COUNT; index++) {
    const verdict = verifyCellProof(prove(ledger, keyOf(index)), ledger.roots.state)
    const value = index < COUNT ? valueOf(index) : new Uint8Array(0)
    assert.deepEqual(verdict, { kind: 'proved', value }, `cell ${index}`)
  }
})

test('accounts are proved under the same root as before there were cells beside them', () => {
  const ledger = filled()
  const proof = ledger.proveAccount(payer.address)
  assert.ok(proof !== null)
  assert.equal(verifyAccountProof(proof, ledger.roots.state).kind, 'present')
  assert.equal(
    verifyAccountProof({ ...proof, cellsRoot: ZERO_HASH }, ledger.roots.state).kind,
    'invalid',
  )
})

test('a shard without cells proves that', () => {
  const ledger = genesisLedger(1, 4)
  const proof = prove(ledger, keyOf(0))
  assert.equal(proof.found, null)
  assert.deepEqual(verifyCellProof(proof, ledger.roots.state), {
    kind: 'proved',
    value: new Uint8Array(0),
  })
  assert.equal(verifyCellProof(proof, filled().roots.state).kind, 'invalid')
})

test('a key of another shard is not proved at all', () => {
  assert.equal(filled().proveCell(testAccount(0, 4, 0).address), null)
})

test('a proof does not hold under the root of another height', () => {
  const ledger = filled()
  const proof = prove(ledger, keyOf(0))
  const operation = { kind: 'put', cell: keyOf(7), value: valueOf(0) } as const
  executeTransfers(ledger, [{ from: payer, nonce: COUNT, operation }])
  assert.equal(verifyCellProof(proof, ledger.roots.state).kind, 'invalid')
})

test('no byte of a proof can be changed without losing it', () => {
  const ledger = filled()
  const proofs = [prove(ledger, keyOf(0)), prove(ledger, keyOf(COUNT))]
  for (const proof of proofs) {
    const writer = new ByteWriter(1024)
    writeCellProof(writer, proof)
    const bytes = writer.finish()
    for (let i = 0; i < bytes.length; i++) {
      const tampered = bytes.slice()
      tampered[i] = (tampered[i] ?? 0) ^ (1 + (i % 255))
      const decoded = decodeWith(tampered, readCellProof)
      if (decoded.kind === 'malformed') continue
      const verdict = verifyCellProof(decoded.value, ledger.roots.state)
      // Another asked key may be absent by the same walk; what is found there must not change.
      const isAbsent = verdict.kind === 'proved' && verdict.value.length === 0
      assert.ok(verdict.kind === 'invalid' || (i < 32 && isAbsent), `byte ${i}`)
    }
  }
})

test('a cell cannot be proved absent by leading to its neighbour, or by claiming that there is none', () => {
  const ledger = filled()
  const key = keyOf(0)
  for (let i = 1; i < COUNT; i++) {
    const neighbour = { ...prove(ledger, keyOf(i)), key }
    assert.equal(verifyCellProof(neighbour, ledger.roots.state).kind, 'invalid', `cell ${i}`)
  }
  const none = { ...prove(ledger, key), found: null, branches: [] }
  assert.equal(verifyCellProof(none, ledger.roots.state).kind, 'invalid')
})

test('branches out of order and siblings with other padding are refused', () => {
  const ledger = filled()
  const proof = prove(ledger, keyOf(0))
  assert.ok(proof.branches.length > 2)
  const turned = { ...proof, branches: proof.branches.toReversed() }
  assert.equal(verifyCellProof(turned, ledger.roots.state).kind, 'invalid')
  const branches = proof.branches.map(({ bit, sibling }) => ({
    bit,
    sibling: `${sibling.slice(0, 63)}1` as Hash,
  }))
  assert.equal(verifyCellProof({ ...proof, branches }, ledger.roots.state).kind, 'invalid')
})
