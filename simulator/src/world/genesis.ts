import {
  addressOf,
  createCrypto,
  domainHash,
  joinBytes,
  Ledger,
  networkTagOf,
  slotRangeOf,
  type Committee,
  type CryptoPort,
  type FormRules,
  type Hash,
  type LedgerParameters,
  type ReplicaOptions,
  type Roots,
} from '@shardnet/node/parts'
import { Secret, shardSecretOf, validatorKeysOf } from '@shardnet/node/config'
import { Random } from './random.ts'
import type { Seat } from './seat.ts'
import { createStandInCrypto, standInKeysOf } from './stand-in-crypto.ts'
import type { WorldPlan } from './world-plan.ts'

/** A client's account. */
export interface SimulatedAccount {
  readonly shard: number
  readonly slot: number
  readonly key: Uint8Array
  readonly keyText: string
  readonly address: Uint8Array
}

/** What all validators and clients of a world know. */
export interface SimulatedGenesis {
  readonly networkId: Hash
  readonly committees: readonly Committee[]
  /** By shard. */
  readonly accounts: readonly (readonly SimulatedAccount[])[]
  readonly roots: readonly Roots[]
  readonly balance: number
  /** By shard, then seat. */
  readonly crypto: readonly (readonly CryptoPort[])[]
  /** By shard. */
  readonly forms: readonly FormRules[]
  ledgerOf(shard: number): Ledger
  ledgerParametersOf(shard: number): LedgerParameters
  accountRowsOf(shard: number): Uint8Array
  replicaOptionsOf(seat: Seat): ReplicaOptions
}

const PAYLOAD_BYTES_MAX = 256

/** The public facts and the keys of a world. */
export function createGenesis(plan: WorldPlan): SimulatedGenesis {
  const { shards, balance, outboxWindow, batchBytesMax, timing } = plan
  const random = new Random(plan.seed, 'genesis')
  const networkId = domainHash('shardnet/simulated-network/v1', random.bytes(32))
  const seats = plan.isCryptoReal ? realSeats(plan, random) : standInSeats(plan, random)
  const committees = seats.map((members, shard) => ({
    shard,
    epoch: 0,
    members: members.map(({ blsKey, peerKey }) => ({ blsKey, peerKey })),
  }))
  const accounts = Array.from({ length: shards }, (_, shard) => createAccounts(plan, random, shard))
  const rows = accounts.map((ofShard) =>
    joinBytes(ofShard.map(({ key, address }) => joinBytes([key, address]))),
  )
  const ledgerParametersOf = (shard: number) => ({ networkId, shard, shards, outboxWindow })
  const accountRowsOf = (shard: number) => rows[shard] ?? new Uint8Array(0)
  const ledgerOf = (shard: number) =>
    Ledger.genesis(ledgerParametersOf(shard), accountRowsOf(shard), balance)
  const roots = committees.map((_, shard) => ledgerOf(shard).roots)
  const crypto = seats.map((members) => members.map((member) => member.crypto))
  const replicaOptionsOf = ({ shard, validator }: Seat): ReplicaOptions => ({
    networkId,
    epoch: 0,
    shard,
    committees,
    self: validator,
    genesisRoots: mustFind(roots[shard]),
    batchBytesMax,
    timing,
    crypto: mustFind(crypto[shard]?.[validator]),
  })
  const forms = committees.map((_, shard) => formRulesOf(networkId, shard, shards))
  return {
    networkId,
    committees,
    accounts,
    roots,
    balance,
    crypto,
    forms,
    ledgerOf,
    ledgerParametersOf,
    accountRowsOf,
    replicaOptionsOf,
  }
}

function formRulesOf(networkId: Hash, shard: number, shards: number): FormRules {
  const slots = slotRangeOf(shard, shards)
  return {
    networkTag: networkTagOf(networkId),
    slotFirst: slots.first,
    slotEnd: slots.end,
    payloadBytesMax: PAYLOAD_BYTES_MAX,
  }
}

interface SimulatedSeat {
  readonly blsKey: string
  readonly peerKey: string
  readonly crypto: CryptoPort
}

function standInSeats({ shards, size }: WorldPlan, random: Random): SimulatedSeat[][] {
  return Array.from({ length: shards }, () =>
    Array.from({ length: size }, () => {
      const keys = standInKeysOf(() => random.uint32())
      return { ...keys, crypto: createStandInCrypto(keys) }
    }),
  )
}

function realSeats({ shards, size }: WorldPlan, random: Random): SimulatedSeat[][] {
  const root = new Secret(random.bytes(32))
  return Array.from({ length: shards }, (_, shard) => {
    const secret = shardSecretOf(root, shard)
    return Array.from({ length: size }, (_, validator) => {
      const keys = validatorKeysOf(secret, shard, validator)
      return { blsKey: keys.blsKey, peerKey: keys.peerKey, crypto: createCrypto(keys) }
    })
  })
}

function createAccounts(plan: WorldPlan, random: Random, shard: number): SimulatedAccount[] {
  const slots = slotRangeOf(shard, plan.shards)
  return Array.from({ length: plan.accountsPerShard }, () => {
    const key = random.bytes(32)
    // Few slots, so that some hold several accounts.
    const slot = slots.first + random.below(3)
    const keyText = Buffer.from(key).toString('hex')
    return { shard, slot, key, keyText, address: addressOf(slot, key) }
  })
}

function mustFind<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('no such shard or seat')
  return value
}
