import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  readAccountProof,
  verifyAccountProof,
  writeAccountProof,
  type AccountProof,
} from '../../src/core/ledger/account-proof.ts'
import { Ledger } from '../../src/core/ledger/ledger.ts'
import { decodeWith } from '../../src/core/primitives/byte-reader.ts'
import { ByteWriter } from '../../src/core/primitives/byte-writer.ts'
import { joinBytes } from '../../src/core/primitives/bytes.ts'
import { hashOfBytes, ZERO_HASH, type Hash } from '../../src/core/primitives/hash.ts'
import {
  executeTransfers,
  genesisLedger,
  parametersOf,
  seeded,
  testAccount,
} from './support/world.ts'

/** Crowded slots, so that proofs have branches. */
const SPREAD = 3
const COUNT = 60

function crowded(): Ledger {
  const ledger = genesisLedger(1, 4, { count: COUNT, spread: SPREAD })
  const [from, payee] = [testAccount(1, 4, 0, SPREAD), testAccount(1, 4, 1, SPREAD)]
  executeTransfers(ledger, [{ from, nonce: 9, to: [{ address: payee.address, amount: 5 }] }])
  return ledger
}

function prove(ledger: Ledger, address: Uint8Array): AccountProof {
  const proof = ledger.proveAccount(address)
  assert.ok(proof !== null)
  return proof
}

test('every account is proved present with its balance and nonces', () => {
  const ledger = crowded()
  for (let i = 0; i < COUNT; i++) {
    const { address } = testAccount(1, 4, i, SPREAD)
    const verdict = verifyAccountProof(prove(ledger, address), ledger.roots.state)
    assert.deepEqual(verdict, { kind: 'present', account: ledger.accountOf(address) })
  }
})

test('addresses without account are proved absent, in crowded and in empty slots', () => {
  const ledger = crowded()
  for (let i = COUNT; i < COUNT + 50; i++) {
    const { address } = testAccount(1, 4, i, i % 2 === 0 ? SPREAD : 1000)
    assert.deepEqual(verifyAccountProof(prove(ledger, address), ledger.roots.state), {
      kind: 'absent',
    })
  }
})

test('addresses that differ in their last bit only have proofs of their own', () => {
  const base = new Uint8Array([...testAccount(0, 1, 0).address])
  const twin = base.slice()
  twin[31] = (twin[31] ?? 0) ^ 1
  const third = base.slice()
  third[31] = (third[31] ?? 0) ^ 2
  const rows = joinBytes([seeded('a'), base, seeded('b'), twin])
  const ledger = Ledger.genesis(parametersOf(0, 1), rows, 5)
  assert.equal(verifyAccountProof(prove(ledger, base), ledger.roots.state).kind, 'present')
  assert.equal(verifyAccountProof(prove(ledger, twin), ledger.roots.state).kind, 'present')
  assert.equal(verifyAccountProof(prove(ledger, third), ledger.roots.state).kind, 'absent')
  assert.deepEqual(
    prove(ledger, base).branches.map(({ bit }) => bit),
    [255],
  )
})

test('an address of another shard is not proved at all', () => {
  assert.equal(crowded().proveAccount(testAccount(0, 4, 0).address), null)
})

test('a proof does not hold under the root of another height', () => {
  const ledger = genesisLedger(1, 4, { count: COUNT, spread: SPREAD })
  const { address } = testAccount(1, 4, 0, SPREAD)
  const { state } = ledger.roots
  executeTransfers(ledger, [{ from: testAccount(1, 4, 0, SPREAD), to: [{ address, amount: 5 }] }])
  assert.equal(verifyAccountProof(prove(ledger, address), state).kind, 'invalid')
})

test('no byte of a proof can be changed without losing it', () => {
  const ledger = crowded()
  const present = prove(ledger, testAccount(1, 4, 0, SPREAD).address)
  const absent = prove(ledger, testAccount(1, 4, COUNT + 1, SPREAD).address)
  const empty = prove(ledger, testAccount(1, 4, 900, 1000).address)
  for (const proof of [present, absent, empty]) {
    const said = verifyAccountProof(proof, ledger.roots.state)
    assert.notEqual(said.kind, 'invalid')
    const writer = new ByteWriter(1024)
    writeAccountProof(writer, proof)
    const bytes = writer.finish()
    for (let i = 0; i < bytes.length; i++) {
      const tampered = bytes.slice()
      tampered[i] = (tampered[i] ?? 0) ^ (1 + (i % 255))
      const decoded = decodeWith(tampered, readAccountProof)
      if (decoded.kind === 'malformed') continue
      const verdict = verifyAccountProof(decoded.value, ledger.roots.state)
      // Another asked address may be absent by the same walk; what is found there must not change.
      if (i < 32) assert.notEqual(verdict.kind, 'present', `byte ${i}`)
      else assert.equal(verdict.kind, 'invalid', `byte ${i}`)
    }
  }
})

test('an account cannot be proved absent by leading to its neighbour', () => {
  const ledger = crowded()
  const { address } = testAccount(1, 4, 0, SPREAD)
  for (let i = 1; i < COUNT; i++) {
    const neighbour = prove(ledger, testAccount(1, 4, i, SPREAD).address)
    assert.notEqual(
      verifyAccountProof({ ...neighbour, address }, ledger.roots.state).kind,
      'absent',
      `account ${i}`,
    )
  }
})

test('an account cannot be proved absent by claiming other bits, or an empty slot', () => {
  const ledger = crowded()
  const { address } = testAccount(1, 4, 0, SPREAD)
  const proof = prove(ledger, address)
  const neighbour = prove(ledger, testAccount(1, 4, SPREAD, SPREAD).address)
  for (let bit = 16; bit < 256; bit++) {
    const branches = neighbour.branches.map((branch, i) =>
      i === neighbour.branches.length - 1 ? { ...branch, bit } : branch,
    )
    assert.notEqual(
      verifyAccountProof({ ...neighbour, address, branches }, ledger.roots.state).kind,
      'absent',
    )
  }
  assert.equal(
    verifyAccountProof({ ...proof, found: null, branches: [] }, ledger.roots.state).kind,
    'invalid',
  )
})

test('the padding of a branch sibling is checked, so a proof has one encoding', () => {
  const ledger = crowded()
  const proof = prove(ledger, testAccount(1, 4, 0, SPREAD).address)
  const branches = proof.branches.map(({ bit, sibling }) => ({
    bit,
    sibling: `${sibling.slice(0, 63)}1` as Hash,
  }))
  assert.equal(verifyAccountProof({ ...proof, branches }, ledger.roots.state).kind, 'invalid')
})

test('a shard without accounts has the zero state root, under which everything is absent', () => {
  const ledger = Ledger.genesis(parametersOf(0, 1), new Uint8Array(0), 5)
  assert.equal(ledger.roots.state, ZERO_HASH)
  assert.equal(verifyAccountProof(prove(ledger, seeded('any')), ledger.roots.state).kind, 'absent')
  assert.equal(
    verifyAccountProof(prove(ledger, seeded('any')), hashOfBytes(seeded('root'))).kind,
    'invalid',
  )
})
