import blst, { type PublicKey } from '@chainsafe/blst'
import { createPublicKey, type KeyObject } from 'node:crypto'
import { must } from '../core/errors.ts'
import { bytesOfHex } from '../core/primitives/bytes.ts'
import { bytesOfHash, type Hash } from '../core/primitives/hash.ts'
import { contextHashOf } from '../core/wire/certificate.ts'
import {
  committeeHashOf,
  faultyMaxOf,
  quorumOf,
  slotRangeOf,
  type Committee,
} from '../core/wire/committee.ts'
import { networkTagOf } from '../core/wire/transaction.ts'

/** The only epoch that a network has today. */
const EPOCH = 0

/** What the genesis says, as far as the audit needs it. */
export interface NetworkFacts {
  readonly networkId: Hash
  /** By shard. */
  readonly committees: readonly Committee[]
  readonly outboxWindow: number
  readonly payloadBytesMax: number
  /** What every genesis account owns. */
  readonly balance: bigint
  /** By shard: rows of 64 bytes, key (32) and address (32). */
  readonly accounts: readonly Uint8Array[]
}

/** The constants of one shard that every check needs. */
export interface ShardRules {
  readonly shard: number
  readonly shards: number
  readonly epoch: number
  readonly networkId: Hash
  readonly networkIdBytes: Uint8Array
  readonly networkTag: number
  readonly size: number
  readonly faultyMax: number
  readonly quorum: number
  readonly context: Hash
  readonly blsKeys: readonly PublicKey[]
  readonly peerKeys: readonly KeyObject[]
  readonly slotFirst: number
  readonly slotEnd: number
  readonly payloadBytesMax: number
  readonly outboxWindow: number
  readonly balance: bigint
  readonly accounts: Uint8Array
}

/** Derives every shard's constants; throws when a key is no point of its curve, which the genesis rules out. */
export function shardRulesOf(facts: NetworkFacts): ShardRules[] {
  return facts.committees.map((committee, shard) => {
    const { networkId } = facts
    const slots = slotRangeOf(shard, facts.committees.length)
    return {
      shard,
      shards: facts.committees.length,
      epoch: EPOCH,
      networkId,
      networkIdBytes: bytesOfHash(networkId),
      networkTag: networkTagOf(networkId),
      size: committee.members.length,
      faultyMax: faultyMaxOf(committee.members.length),
      quorum: quorumOf(committee.members.length),
      context: contextHashOf(networkId, shard, EPOCH, committeeHashOf(committee)),
      blsKeys: committee.members.map((member) => blst.PublicKey.fromHex(member.blsKey, true)),
      peerKeys: committee.members.map((member) => peerKeyOf(bytesOfHex(member.peerKey))),
      slotFirst: slots.first,
      slotEnd: slots.end,
      payloadBytesMax: facts.payloadBytesMax,
      outboxWindow: facts.outboxWindow,
      balance: facts.balance,
      accounts: must(facts.accounts[shard], 'every shard has an account table'),
    }
  })
}

/** DER of an ed25519 public key up to its 32 bytes (RFC 8410). */
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** A raw ed25519 public key as node:crypto takes it. */
export function peerKeyOf(key: Uint8Array): KeyObject {
  return createPublicKey({
    key: Buffer.concat([ED25519_SPKI_PREFIX, key]),
    format: 'der',
    type: 'spki',
  })
}
