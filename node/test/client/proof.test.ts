import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  commitProblemOf,
  decodeTransactionProof,
  encodeTransactionProof,
  verifyTransactionProof,
  type ProofTrust,
  type TransactionProof,
} from '../../src/client/proof.ts'
import {
  batchesRootOf,
  proveResult,
  resultLeafOf,
  resultRootOf,
} from '../../src/core/ledger/receipt.ts'
import { bytesOfHex, equalBytes, joinBytes } from '../../src/core/primitives/bytes.ts'
import {
  bytesOfHash,
  domainHash,
  hashOfBytes,
  sha256,
  ZERO_HASH,
  type Hash,
} from '../../src/core/primitives/hash.ts'
import { batchDigestOf, type BatchHeader } from '../../src/core/wire/batch.ts'
import { blockHashOf, type BlockHeader } from '../../src/core/wire/block.ts'
import { bitmapOf, contextHashOf, votePreimage } from '../../src/core/wire/certificate.ts'
import { committeeHashOf, quorumOf, type Committee } from '../../src/core/wire/committee.ts'
import { addressOf, encodeTransfer, transactionIdOf } from '../../src/core/wire/transaction.ts'

const NETWORK_ID = domainHash('test/proof', Uint8Array.of(1))
const SIZE = 7
const HEIGHT = 41
const VIEW = 60

const committee: Committee = {
  shard: 2,
  epoch: 0,
  members: Array.from({ length: SIZE }, (_, i) => ({
    blsKey: i.toString(16).padStart(2, '0').repeat(48),
    peerKey: i.toString(16).padStart(2, '0').repeat(32),
  })),
}

/** Stands for BLS: 96 bytes that depend on exactly these keys and this preimage. */
function aggregateOf(keys: readonly string[], preimage: Uint8Array): Uint8Array {
  const once = sha256(joinBytes([...keys.map(bytesOfHex), preimage]))
  return joinBytes([once, once, once])
}

const trust: ProofTrust = {
  networkId: NETWORK_ID,
  committee,
  verifyAggregate: (keys, preimage, signature) =>
    equalBytes(aggregateOf(keys, preimage), signature),
}

function transactionOf(nonce: number): Uint8Array {
  const key = new Uint8Array(32).fill(nonce + 1)
  return encodeTransfer({
    networkId: NETWORK_ID,
    payerSlot: 3,
    payerKey: key,
    nonce,
    validUntil: 100,
    fee: 1,
    payees: [{ address: addressOf(9, key), amount: 5 }],
    payload: new Uint8Array(nonce),
  })
}

const transactions = [0, 1, 2, 3].map(transactionOf)
const results = Uint8Array.of(0, 5, 0, 7)
/** The third one read two bytes. */
const reads = Uint8Array.of(0, 0, 0, 2, 2, 7, 9)
const idOf = (transaction: Uint8Array) => transactionIdOf(bytesOfHash(NETWORK_ID), transaction)

function sign(header: BlockHeader, signers: readonly number[]): TransactionProof['certificate'] {
  const preimage = votePreimage(header.context, 'commit', header.view, blockHashOf(header))
  const keys = signers.map((signer) => committee.members[signer]?.blsKey ?? '')
  const signature = aggregateOf(keys, preimage)
  return {
    kind: 'commit',
    view: header.view,
    value: blockHashOf(header),
    signers: bitmapOf(signers, SIZE),
    signature,
  }
}

const BEFORE = domainHash('test/before', Uint8Array.of(1))
const LATER = domainHash('test', Uint8Array.of(2))

/** The root that a header shows which skipped the batch's own height. */
function shownRootOf(leaves: readonly Hash[]): Hash {
  return resultRootOf(resultRootOf(BEFORE, batchesRootOf(leaves)), LATER)
}

function proofOf(): TransactionProof {
  const batchBody = joinBytes(transactions)
  const batchHeader: BatchHeader = {
    networkId: NETWORK_ID,
    shard: 2,
    epoch: 0,
    author: 1,
    sequence: 8,
    count: transactions.length,
    length: batchBody.length,
    bodyHash: hashOfBytes(sha256(batchBody)),
  }
  const digest = batchDigestOf(batchHeader)
  const other = resultLeafOf(ZERO_HASH, { results: Uint8Array.of(1), reads: new Uint8Array(0) })
  const leaves = [other, resultLeafOf(digest, { results, reads }), other]
  const context = contextHashOf(NETWORK_ID, 2, 0, committeeHashOf(committee))
  const header: BlockHeader = {
    context,
    shard: 2,
    epoch: 0,
    view: VIEW,
    height: HEIGHT + 2,
    parentHash: ZERO_HASH,
    parentView: VIEW - 1,
    proposer: 3,
    timeMs: 1,
    executed: {
      height: HEIGHT,
      roots: { state: ZERO_HASH, outbox: ZERO_HASH, result: shownRootOf(leaves) },
    },
    lastCommitted: { view: VIEW - 2, hash: ZERO_HASH },
    bodyRoot: ZERO_HASH,
  }
  const receipt = {
    digest,
    results,
    reads,
    batchIndex: 1,
    path: proveResult(leaves, 1),
    previous: BEFORE,
    later: [LATER],
  }
  return { header, certificate: sign(header, [0, 1, 2, 3, 4]), receipt, batchHeader, batchBody }
}

test('a proof shows height, result and read of each transaction of the batch, also after a trip as bytes', () => {
  const decoded = decodeTransactionProof(encodeTransactionProof(proofOf()))
  assert.ok(decoded.kind === 'value')
  for (const [i, transaction] of transactions.entries()) {
    const verdict = verifyTransactionProof(decoded.value, idOf(transaction), trust)
    const read = i === 2 ? Uint8Array.of(7, 9) : null
    assert.deepEqual(verdict, { kind: 'proved', height: HEIGHT, result: results[i], read })
  }
})

test('a proof shows nothing about a transaction that is not in the batch', () => {
  assert.equal(verifyTransactionProof(proofOf(), idOf(transactionOf(4)), trust).kind, 'invalid')
})

test('no byte of a proof can be changed', () => {
  const bytes = encodeTransactionProof(proofOf())
  const id = idOf(transactions[1] ?? new Uint8Array(0))
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    const decoded = decodeTransactionProof(changed)
    const verdict =
      decoded.kind === 'value' ? verifyTransactionProof(decoded.value, id, trust) : decoded
    // Author, sequence and the like of the batch header are under the digest; nothing in a proof is free.
    assert.notEqual(verdict.kind, 'proved', `byte ${at}`)
  }
})

test('a certificate must be a quorum of this committee on this block', () => {
  const { header } = proofOf()
  const quorum = quorumOf(SIZE)
  const all = Array.from({ length: SIZE }, (_, i) => i)
  assert.equal(commitProblemOf(header, sign(header, all.slice(0, quorum)), trust), null)
  assert.equal(commitProblemOf(header, sign(header, all), trust), null)
  const few = sign(header, all.slice(0, quorum - 1))
  assert.match(commitProblemOf(header, few, trust) ?? '', /no quorum/)
  const prepared = { ...sign(header, all), kind: 'prepare' as const }
  assert.match(commitProblemOf(header, prepared, trust) ?? '', /a prepare certificate/)
  const outside = { ...sign(header, all), signers: Uint8Array.of(0xff) }
  assert.match(commitProblemOf(header, outside, trust) ?? '', /outside the committee/)
  const longer = { ...sign(header, all), signers: Uint8Array.of(0x7f, 0) }
  assert.match(commitProblemOf(header, longer, trust) ?? '', /another length/)
  const other = { ...trust, networkId: ZERO_HASH }
  assert.match(commitProblemOf(header, sign(header, all), other) ?? '', /another committee/)
  const wrong = { ...sign(header, all), signature: new Uint8Array(96) }
  assert.match(commitProblemOf(header, wrong, trust) ?? '', /a wrong signature/)
})
