import { createHash } from 'node:crypto'
import { Accumulator } from '../../src/core/crossshard/accumulator.ts'
import type { BundleContext } from '../../src/core/crossshard/check-import-bundle.ts'
import { messageLeavesOf } from '../../src/core/crossshard/message-leaf.ts'
import { merklePathOf, merkleRootOf, packHashes } from '../../src/core/ledger/merkle.ts'
import { ByteWriter } from '../../src/core/primitives/byte-writer.ts'
import { hexOf, joinBytes } from '../../src/core/primitives/bytes.ts'
import { ZERO_HASH } from '../../src/core/primitives/hash.ts'
import { blockHashOf, type BlockHeader } from '../../src/core/wire/block.ts'
import {
  bitmapOf,
  contextHashOf,
  votePreimage,
  type Certificate,
} from '../../src/core/wire/certificate.ts'
import { committeeHashOf, quorumOf, type Committee } from '../../src/core/wire/committee.ts'
import { pairLeafOf, type ImportBundle } from '../../src/core/wire/import-bundle.ts'
import { writeCreditMessage, type CreditMessage } from '../../src/core/wire/outbox-message.ts'
import { NETWORK, seeded, testAccount } from '../ledger/support/world.ts'

export const SHARDS = 3
export const SOURCE = 1
export const OURS = 2

/** Signs for a whole committee at once. */
export type Signer = (blsKeys: readonly string[], preimage: Uint8Array) => Uint8Array

/** A stand-in for BLS: 96 bytes that nobody finds without naming exactly these keys and bytes. */
export function fakeSignature(blsKeys: readonly string[], preimage: Uint8Array): Uint8Array {
  const hash = createHash('sha512').update(blsKeys.join()).update(preimage).digest()
  return joinBytes([new Uint8Array(hash), new Uint8Array(hash.subarray(0, 32))])
}

const fakeVerify: BundleContext['verifyAggregate'] = (keys, preimage, signature) =>
  hexOf(fakeSignature(keys, preimage)) === hexOf(signature)

export function committeesOf(
  keyOf: (shard: number, index: number) => string,
  size = 4,
): Committee[] {
  return Array.from({ length: SHARDS }, (_, shard) => ({
    shard,
    epoch: 0,
    members: Array.from({ length: size }, (_member, index) => ({
      blsKey: keyOf(shard, index),
      peerKey: hexOf(seeded(`peer ${shard} ${index}`)),
    })),
  }))
}

export function fakeKey(shard: number, index: number): string {
  return hexOf(seeded(`bls ${shard} ${index}`)) + '00'.repeat(16)
}

/** A credit from the source shard to an account of ours. */
export function creditOf(index: number, changes: Partial<CreditMessage> = {}): Uint8Array {
  const message: CreditMessage = {
    payeeIndex: 0,
    source: SOURCE,
    tag: seeded(`tag ${index}`).subarray(0, 8),
    nonce: index,
    payer: testAccount(SOURCE, SHARDS, index).address,
    payee: testAccount(OURS, SHARDS, index).address,
    amount: 10 + index,
    ...changes,
  }
  const writer = new ByteWriter(96)
  writeCreditMessage(writer, message)
  return writer.finish()
}

export interface BundleOptions {
  readonly messages?: readonly Uint8Array[]
  readonly first?: number
  readonly count?: number
  readonly committees?: readonly Committee[]
  readonly sign?: Signer
}

/** A bundle of a source shard that sent these messages to ours, with a certificate by the first quorum of its committee. */
export function makeBundle(options: BundleOptions = {}): ImportBundle {
  const messages = options.messages ?? Array.from({ length: 7 }, (_, i) => creditOf(i))
  const first = options.first ?? 2
  const count = options.count ?? 3
  const tree = new Accumulator()
  tree.append(messageLeavesOf(joinBytes(messages)))
  const pair = {
    accumulator: tree.rootAt(tree.size),
    outSequence: tree.size,
    inNext: 5,
    totalOut: 999,
    totalIn: 50,
  }
  const leaves = packHashes([pairLeafOf({ ...pair, inNext: 9 }), ZERO_HASH, pairLeafOf(pair)])
  const committees = options.committees ?? committeesOf(fakeKey)
  const header = headerWith(committees, merkleRootOf(leaves))
  return {
    header,
    certificate: certify(header, committees, options.sign ?? fakeSignature),
    destination: OURS,
    pair,
    pairPath: merklePathOf(leaves, OURS),
    first,
    count,
    messages: joinBytes(messages.slice(first, first + count)),
    proof: count === 0 ? [] : tree.proveRange(first, count, tree.size),
  }
}

function headerWith(
  committees: readonly Committee[],
  outbox: BlockHeader['bodyRoot'],
): BlockHeader {
  const committee = committees[SOURCE]
  if (committee === undefined) throw new Error('no such committee')
  return {
    context: contextHashOf(NETWORK, SOURCE, 0, committeeHashOf(committee)),
    shard: SOURCE,
    epoch: 0,
    view: 12,
    height: 9,
    parentHash: ZERO_HASH,
    parentView: 11,
    proposer: 0,
    timeMs: 77,
    executed: { height: 6, roots: { state: ZERO_HASH, outbox, result: ZERO_HASH } },
    lastCommitted: { view: 10, hash: ZERO_HASH },
    bodyRoot: ZERO_HASH,
  }
}

/** A commit certificate on the header by the given members, or by the first quorum. */
export function certify(
  header: BlockHeader,
  committees: readonly Committee[],
  sign: Signer,
  signers?: readonly number[],
): Certificate {
  const members = committees[header.shard]?.members ?? []
  const chosen = signers ?? Array.from({ length: quorumOf(members.length) }, (_, i) => i)
  const value = blockHashOf(header)
  const keys = chosen.map((signer) => members[signer]?.blsKey ?? '')
  const signature = sign(keys, votePreimage(header.context, 'commit', header.view, value))
  return {
    kind: 'commit',
    view: header.view,
    value,
    signers: bitmapOf(chosen, members.length),
    signature,
  }
}

export function contextOf(
  committees = committeesOf(fakeKey),
  verifyAggregate = fakeVerify,
): BundleContext {
  return { ourShard: OURS, networkId: NETWORK, committees, verifyAggregate }
}
