import { createHash, createPrivateKey, sign } from 'node:crypto'
import blst from '@chainsafe/blst'
import {
  accountSeed,
  accountSlot,
  accountTableHashOf,
  deriveAccountTable,
} from '../../../src/config/accounts.ts'
import { committeesOf, contextOf, createGenesis, networkIdOf } from '../../../src/config/genesis.ts'
import { Secret } from '../../../src/config/secret.ts'
import { peerKeyOfSeed } from '../../../src/config/validator-keys.ts'
import { must } from '../../../src/core/errors.ts'
import { joinBytes } from '../../../src/core/primitives/bytes.ts'
import { hashOfBytes, ZERO_HASH, type Hash } from '../../../src/core/primitives/hash.ts'
import { genesisBlockHashOf, type Roots } from '../../../src/core/wire/block.ts'
import {
  bitmapOf,
  votePreimage,
  type Certificate,
  type VoteKind,
} from '../../../src/core/wire/certificate.ts'
import { addressOf } from '../../../src/core/wire/transaction.ts'

/** Bytes that follow from a text, so that nothing in a vector is random. */
export function fixedBytes(text: string, length = 32): Uint8Array {
  const parts: Uint8Array[] = []
  for (let index = 0; parts.length * 32 < length; index++)
    parts.push(new Uint8Array(createHash('sha256').update(`${text}/${index}`).digest()))
  return joinBytes(parts).slice(0, length)
}

export function fixedHash(text: string): Hash {
  return hashOfBytes(fixedBytes(text))
}

const SEED = 'vectors'
export const SHARDS = 2
export const ACCOUNTS_PER_SHARD = 3

/** One public key per seed, as the kernel derives them in a validator. */
function deriveKeys(seeds: Uint8Array): Uint8Array {
  const keys: Uint8Array[] = []
  for (let at = 0; at < seeds.length; at += 32)
    keys.push(peerKeyOfSeed(seeds.subarray(at, at + 32)))
  return joinBytes(keys)
}

export const accountTable = deriveAccountTable(
  { seed: SEED, shards: SHARDS, perShard: ACCOUNTS_PER_SHARD },
  deriveKeys,
)

const founded = createGenesis({
  instance: '000102030405060708090a0b0c0d0e0f',
  seed: SEED,
  shards: SHARDS,
  validatorsPerShard: 4,
  accounts: {
    perShard: ACCOUNTS_PER_SHARD,
    balance: '1000000',
    tableHash: accountTableHashOf(accountTable),
  },
  rootSecret: new Secret(fixedBytes('root secret')),
})

/** The testnet that all vectors are of: two shards, four validators each, keys from a fixed secret. */
export const genesis = founded.genesis
const keys = founded.keys
export const networkId = networkIdOf(genesis)
export const committees = committeesOf(genesis)
export const context = contextOf(genesis, 0)
export const genesisRoots: Roots = {
  state: fixedHash('genesis state root'),
  outbox: fixedHash('genesis outbox root'),
  result: ZERO_HASH,
}
export const genesisBlockHash = genesisBlockHashOf(context, genesisRoots)

/** A test account: seed, key, slot and address. */
export function fixedAccount(shard: number, index: number) {
  const seed = accountSeed(SEED, shard, index)
  const key = peerKeyOfSeed(seed)
  const slot = accountSlot(shard, SHARDS, index)
  return { seed, key, slot, address: addressOf(slot, key) }
}

const SEED_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** ed25519 (RFC 8032) with a raw seed. */
export function signWith(seed: Uint8Array, message: Uint8Array): Uint8Array {
  const der = Buffer.concat([SEED_PREFIX, seed])
  return new Uint8Array(
    sign(null, message, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })),
  )
}

export function keysOf(shard: number, validator: number) {
  return must(keys[shard]?.[validator], 'a seat of the vectors')
}

/** One validator's BLS signature on a vote of shard 0. */
export function voteSignature(validator: number, kind: VoteKind, view: number, value: Hash) {
  const secret = blst.SecretKey.fromBytes(keysOf(0, validator).blsSecret.reveal())
  return secret.sign(votePreimage(context, kind, view, value)).toBytes()
}

/** A certificate of shard 0 by the given validators. */
export function certificateBy(
  signers: readonly number[],
  vote: { readonly kind: VoteKind; readonly view: number; readonly value: Hash },
): Certificate {
  const { kind, view, value } = vote
  const signatures = signers.map((signer) =>
    blst.Signature.fromBytes(voteSignature(signer, kind, view, value)),
  )
  return {
    kind,
    view,
    value,
    signers: bitmapOf(signers, 4),
    signature: blst.aggregateSignatures(signatures).toBytes(),
  }
}
