import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import { AccountSigner } from '../../src/client/account-signer.ts'
import { joinBytes } from '../../src/core/primitives/bytes.ts'
import { bytesOfHash, hashOfBytes } from '../../src/core/primitives/hash.ts'
import { encodeCellTransaction } from '../../src/core/wire/cell-operation.ts'
import { encodeTransfer, SIGNATURE_BYTES } from '../../src/core/wire/transaction.ts'

const networkId = hashOfBytes(new Uint8Array(32).fill(6))
const signer = new AccountSigner(networkId, new Uint8Array(32).fill(1), 513)
const terms = { nonce: 3, validUntil: 90, fee: 2 }
const header = { networkId, payerSlot: 513, payerKey: signer.key, ...terms }
const payload = new Uint8Array(0)

function isSigned(transaction: Uint8Array): boolean {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), signer.key])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  const body = transaction.subarray(0, -SIGNATURE_BYTES)
  const signature = transaction.subarray(-SIGNATURE_BYTES)
  return verify(null, joinBytes([bytesOfHash(networkId), body]), key, signature)
}

test('transactions of an account are encoded as they are, and signed with its key for its network', () => {
  const operation = { kind: 'put', cell: signer.ownCell('a'), value: Uint8Array.of(1) } as const
  const payees = [{ address: new Uint8Array(32), amount: 4 }]
  const pairs = [
    [
      signer.cellTransaction(terms, operation),
      encodeCellTransaction({ ...header, operation, payload }),
    ],
    [signer.transfer(terms, payees), encodeTransfer({ ...header, payees, payload })],
  ] as const
  for (const [signed, plain] of pairs) {
    assert.deepEqual(signed.subarray(0, -64), plain.subarray(0, -64))
    assert.ok(isSigned(signed))
    signed[40] = 1
    assert.ok(!isSigned(signed))
  }
})

test('a cell of one’s own lies in one’s own slot, another one under each name', () => {
  assert.deepEqual([...signer.ownCell('a').subarray(0, 2)], [2, 1])
  assert.notDeepEqual(signer.ownCell('a'), signer.ownCell('b'))
})
