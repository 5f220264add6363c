import { cellLeafOf } from '../../../src/core/ledger/cell-leaf.ts'
import { stateRootOf } from '../../../src/core/ledger/key-walk.ts'
import { must } from '../../../src/core/errors.ts'
import { accountsOfShard } from '../../../src/config/accounts.ts'
import { balanceOf } from '../../../src/config/genesis.ts'
import { Ledger } from '../../../src/core/ledger/ledger.ts'
import { asciiBytes, hexOf, joinBytes } from '../../../src/core/primitives/bytes.ts'
import { bytesOfHash, hashOfBytes, sha256, ZERO_HASH } from '../../../src/core/primitives/hash.ts'
import { cellKeyOf, type CellOperation } from '../../../src/core/wire/cell-operation.ts'
import { transactionIdOf } from '../../../src/core/wire/transaction.ts'
import { encodeSignedCellTransaction, type SignedCellTransaction } from './cell-codec.ts'
import {
  accountTable,
  ACCOUNTS_PER_SHARD,
  fixedAccount,
  fixedBytes,
  fixedHash,
  genesis,
  networkId,
  SHARDS,
  signWith,
} from './fixed-testnet.ts'
import {
  digestOf,
  domainOf,
  refusedOf,
  vectorOf,
  withByte,
  type Vector,
  type VectorFile,
} from './vector-file.ts'

const NO_SIGNATURE = new Uint8Array(64)
const cell = cellKeyOf(2, asciiBytes('counter'))
const [one, two] = [asciiBytes('one'), asciiBytes('two')]

/** A transaction of account 0 of shard 0, signed. */
function signed(
  nonce: number,
  operation: CellOperation,
  payload: Uint8Array = new Uint8Array(0),
): SignedCellTransaction {
  const payer = fixedAccount(0, 0)
  const unsigned = {
    payerSlot: payer.slot,
    payerKey: payer.key,
    nonce,
    validUntil: 100,
    fee: 100,
    operation,
    payload,
    signature: NO_SIGNATURE,
  }
  const body = encodeSignedCellTransaction(unsigned).subarray(0, -64)
  const signature = signWith(payer.seed, joinBytes([bytesOfHash(networkId), body]))
  return { ...unsigned, signature }
}

const transactions: readonly (readonly [name: string, transaction: SignedCellTransaction])[] = [
  ['put', signed(0, { kind: 'put', cell, value: one })],
  ['compareAndSet', signed(1, { kind: 'compareAndSet', cell, expected: one, value: two })],
  [
    'compareAndSet on a cell that does not exist, the longest value, a payload',
    signed(
      2,
      {
        kind: 'compareAndSet',
        cell: fixedBytes('another cell').fill(0, 0, 1),
        expected: new Uint8Array(0),
        value: fixedBytes('value', 128),
      },
      asciiBytes('hello'),
    ),
  ],
  ['get', signed(3, { kind: 'get', cell })],
]

/** docs/vectors/cell.json */
export function cellVectors(): VectorFile {
  const [put, compare, , get] = transactions.map(([, each]) => encodeSignedCellTransaction(each))
  const [change, shorten] = [must(put, 'a put'), must(compare, 'a compareAndSet')]
  const read = must(get, 'a get')
  return {
    about:
      'Transactions on cells by account 0 of shard 0, the leaf of a cell, and proofs under the state of a shard whose cells are what the first and the third transaction write.',
    vectors: [
      ...transactions.map(([name, transaction]) => vectorOf(name, 'cellTransaction', transaction)),
      ...proofs(),
    ],
    digests: [
      ...transactions.map(([name, transaction]) => idOf(name, transaction)),
      digestOf('key of the cell "counter" in slot 2, behind the slot', fullName(), [
        domainOf('shardnet/cell-name/v1'),
        asciiBytes('counter'),
      ]),
      digestOf('leaf of a cell', hexOf(cellLeafOf(cell, one)), [
        cell,
        sha256(one).subarray(0, 28),
        asciiBytes('cell'),
      ]),
      digestOf('state root', stateRootOf(fixedHash('accounts'), fixedHash('cells')), [
        bytesOfHash(fixedHash('accounts')),
        bytesOfHash(fixedHash('cells')),
      ]),
    ],
    signatures: transactions.map(([name, transaction]) => ({
      name,
      scheme: 'ed25519',
      keys: [hexOf(transaction.payerKey)],
      message: hexOf(
        joinBytes([
          bytesOfHash(networkId),
          encodeSignedCellTransaction(transaction).subarray(0, -64),
        ]),
      ),
      signature: hexOf(transaction.signature),
    })),
    refused: [
      refusedOf('a cell of another shard', 'cellTransaction', withByte(change, 64, 0x80)),
      refusedOf('a payer of another shard', 'cellTransaction', withByte(change, 2, 0x80)),
      refusedOf(
        'a payee',
        'cellTransaction',
        withByte(joinBytes([change, NO_SIGNATURE.subarray(24)]), 60, 1),
      ),
      refusedOf('a reserved byte', 'cellTransaction', withByte(change, 63, 1)),
      refusedOf('a put that expects something', 'cellTransaction', withByte(change, 61, 1)),
      refusedOf('a get that writes', 'cellTransaction', withByte(read, 62, 1)),
      refusedOf('a get that expects something', 'cellTransaction', withByte(read, 61, 1)),
      refusedOf('an empty value', 'cellTransaction', withByte(change, 62, 0)),
      refusedOf('values longer than the data', 'cellTransaction', withByte(shorten, 61, 4)),
      refusedOf('a value of 129 bytes', 'cellTransaction', tooLong()),
      refusedOf('a byte short', 'cellTransaction', change.subarray(0, -1)),
      refusedOf('a byte over', 'cellTransaction', joinBytes([change, Uint8Array.of(0)])),
    ],
  }
}

/** The third transaction with one byte of its payload made a part of the value. */
function tooLong(): Uint8Array {
  const [, third] = must(transactions[2], 'the longest value')
  return withByte(encodeSignedCellTransaction(third), 62, 129)
}

function fullName(): string {
  return hexOf(sha256(joinBytes([domainOf('shardnet/cell-name/v1'), asciiBytes('counter')])))
}

function idOf(name: string, transaction: SignedCellTransaction) {
  const bytes = encodeSignedCellTransaction(transaction)
  const network = bytesOfHash(networkId)
  return digestOf(`transaction id: ${name}`, transactionIdOf(network, bytes), [
    domainOf('shardnet/transaction/v1'),
    network,
    bytes.subarray(0, -64),
  ])
}

function proofs(): Vector[] {
  const ledger = Ledger.genesis(
    { networkId, shard: 0, shards: SHARDS, outboxWindow: 64 },
    accountsOfShard(accountTable, ACCOUNTS_PER_SHARD, 0),
    balanceOf(genesis),
  )
  const none = vectorOf(
    'proof of absence: no cells',
    'cellProof',
    must(ledger.proveCell(cell), 'a proof'),
  )
  const body = joinBytes(
    [0, 2].map((at) => encodeSignedCellTransaction(must(transactions[at], 'it')[1])),
  )
  const batch = { author: 0, sequence: 1, digest: hashOfBytes(fixedBytes('batch')), body }
  ledger.executeBlock({
    height: 1,
    view: 1,
    hash: ZERO_HASH,
    timeMs: 1,
    imports: [],
    batches: [batch],
  })
  const absent = withByte(cell, 31, 0xee)
  return [
    none,
    vectorOf('proof of a value', 'cellProof', must(ledger.proveCell(cell), 'a proof')),
    vectorOf(
      'proof of absence: another cell at the end',
      'cellProof',
      must(ledger.proveCell(absent), 'a proof'),
    ),
  ]
}
