import { createHash, randomBytes } from 'node:crypto'
import { bytesOfHex, hexOf } from '../core/primitives/bytes.ts'
import { ByteWriter } from '../core/primitives/byte-writer.ts'
import { domainHash, type Hash } from '../core/primitives/hash.ts'
import { must } from '../core/errors.ts'
import { BLS_KEY_BYTES, contextHashOf } from '../core/wire/certificate.ts'
import { committeeHashOf, type Committee } from '../core/wire/committee.ts'
import { genesisProblems, possessionProblems } from './genesis-checks.ts'
import {
  GenesisDocument,
  INSTANCE_BYTES,
  PEER_KEY_BYTES,
  type Genesis,
} from './genesis-document.ts'
import { provePossession } from './possession.ts'
import { ConfigError, parseJson, problemsOf } from './problems.ts'
import type { ProtocolParameters } from './protocol-parameters.ts'
import type { Secret } from './secret.ts'
import { shardSecretOf, validatorKeysOf, type ValidatorKeys } from './validator-keys.ts'

/** The epoch of the committees in a genesis. */
export const GENESIS_EPOCH = 0

/** The last genesis that was found in order, by the hash of its text. */
let checked: { readonly textHash: string; readonly genesis: Genesis } | null = null

/**
 * Reads a genesis and believes nothing in it: every field, every contradiction, every proof of possession is checked.
 * The same text is checked once in a process: a pod reads it three times as it starts, and with the committees of a hundred
 * shards each check takes a minute.
 * @throws ConfigError with all problems at once.
 */
export function parseGenesis(text: string, source = 'genesis'): Genesis {
  const textHash = createHash('sha256').update(text).digest('hex')
  if (checked?.textHash === textHash) return checked.genesis
  const document = parseJson(source, text)
  const parsed = GenesisDocument.safeParse(document)
  const shapeProblems = parsed.success ? [] : problemsOf(parsed.error, document)
  const problems = [...shapeProblems, ...genesisProblems(document)]
  if (parsed.success && problems.length === 0)
    problems.push(...possessionProblems(parsed.data, networkIdOf(parsed.data)))
  if (!parsed.success || problems.length > 0) throw new ConfigError(source, problems)
  checked = { textHash, genesis: parsed.data }
  return parsed.data
}

/** The bytes of a genesis file. */
export function formatGenesis(genesis: Genesis): string {
  return `${JSON.stringify(genesis, null, 2)}\n`
}

/** Hash of the genesis without its proofs, which sign it. */
export function networkIdOf(genesis: Genesis): Hash {
  const seed = new TextEncoder().encode(genesis.seed)
  const seatBytes = BLS_KEY_BYTES + PEER_KEY_BYTES
  const committeeBytes = 4 + genesis.validatorsPerShard * seatBytes
  const writer = new ByteWriter(256 + seed.length + genesis.shards * committeeBytes)
  writer.u32(genesis.format).raw(bytesOfHex(genesis.instance)).sized(seed)
  writer.u16(genesis.shards).u16(genesis.validatorsPerShard)
  writeProtocol(writer, genesis.protocol)
  writer
    .u32(genesis.accounts.perShard)
    .u64(balanceOf(genesis))
    .raw(bytesOfHex(genesis.accounts.tableHash))
  writer.list(genesis.committees, (to, committee) => {
    to.u16(committee.shard)
    to.list(committee.members, (into, member) => {
      into.raw(bytesOfHex(member.blsKey)).raw(bytesOfHex(member.peerKey))
    })
  })
  return domainHash('shardnet/genesis/v1', writer.finish())
}

function writeProtocol(writer: ByteWriter, protocol: ProtocolParameters): void {
  writer.u32(protocol.viewTimeoutMs).u32(protocol.idleBlockIntervalMs).u32(protocol.blockIntervalMs)
  writer.u32(protocol.batchBytesMax).u32(protocol.batchAgeMs).u32(protocol.payloadBytesMax)
  writer.u32(protocol.outboxWindow).u32(protocol.networkDelayMs)
}

/** What each account of the table holds before the first block. */
export function balanceOf(genesis: Genesis): number {
  return Number(genesis.accounts.balance)
}

/** Sum of all balances over all shards; at most 2^53 - 1, so plain numbers are exact everywhere. */
export function supplyOf(genesis: Genesis): number {
  return genesis.shards * genesis.accounts.perShard * balanceOf(genesis)
}

/** The committee of a shard in the first epoch. */
export function committeeOf(genesis: Genesis, shard: number): Committee {
  const { members } = must(genesis.committees[shard], `committee of shard ${shard}`)
  return {
    shard,
    epoch: GENESIS_EPOCH,
    members: members.map(({ blsKey, peerKey }) => ({ blsKey, peerKey })),
  }
}

/** All committees of the first epoch, by shard. */
export function committeesOf(genesis: Genesis): Committee[] {
  return genesis.committees.map(({ shard }) => committeeOf(genesis, shard))
}

/** What every signature of a shard's committee is bound to. */
export function contextOf(genesis: Genesis, shard: number): Hash {
  const committeeHash = committeeHashOf(committeeOf(genesis, shard))
  return contextHashOf(networkIdOf(genesis), shard, GENESIS_EPOCH, committeeHash)
}

/** What the founder of a testnet decides. */
export interface GenesisOptions {
  /** 32 hexadecimal characters; random when absent. */
  readonly instance?: string
  readonly seed: string
  readonly shards: number
  readonly validatorsPerShard: number
  readonly protocol?: Partial<ProtocolParameters>
  readonly accounts: {
    readonly perShard: number
    readonly balance: string
    readonly tableHash: Hash
  }
  readonly rootSecret: Secret
}

/** A new testnet: its genesis and the keys of all validators, by shard and seat. */
export interface FoundedTestnet {
  readonly genesis: Genesis
  readonly keys: readonly (readonly ValidatorKeys[])[]
}

/**
 * Founds a testnet. Same options and secret, same result.
 * @throws ConfigError with all problems at once.
 */
export function createGenesis(options: GenesisOptions): FoundedTestnet {
  const draft = draftGenesis(options)
  const keys = Array.from({ length: draft.shards }, (_, shard) =>
    committeeKeysOf(options.rootSecret, shard, draft.validatorsPerShard),
  )
  const networkId = networkIdOf({ ...draft, committees: keys.map(unprovenCommittee) })
  const committees = keys.map((seats, shard) => provenCommittee(seats, shard, networkId))
  return { genesis: { ...draft, committees }, keys }
}

/**
 * What a founder decides, before there is a committee.
 * @throws ConfigError with all problems at once.
 */
export function draftGenesis(options: Omit<GenesisOptions, 'rootSecret'>): Genesis {
  const {
    instance = hexOf(randomBytes(INSTANCE_BYTES)),
    seed,
    shards,
    validatorsPerShard,
  } = options
  const document = {
    format: 1 as const,
    instance,
    seed,
    shards,
    validatorsPerShard,
    accounts: options.accounts,
    protocol: { ...options.protocol },
    committees: [],
  }
  // Counts and bounds first: keys for a billion validators are not worth waiting for.
  const parsed = GenesisDocument.safeParse(document)
  const shapeProblems = parsed.success ? [] : problemsOf(parsed.error, document)
  const problems = [...shapeProblems, ...genesisProblems({ ...document, committees: undefined })]
  if (!parsed.success || problems.length > 0) throw new ConfigError('testnet', problems)
  return parsed.data
}

/** The keys of one shard's committee, by seat. */
export function committeeKeysOf(
  rootSecret: Secret,
  shard: number,
  validatorsPerShard: number,
): ValidatorKeys[] {
  const shardSecret = shardSecretOf(rootSecret, shard)
  return Array.from({ length: validatorsPerShard }, (_, seat) =>
    validatorKeysOf(shardSecret, shard, seat),
  )
}

type GenesisCommittee = Genesis['committees'][number]

/** A committee before its proofs: they sign the network id, which rests on all committees. */
export function unprovenCommittee(keys: readonly ValidatorKeys[], shard: number): GenesisCommittee {
  const members = keys.map(({ blsKey, peerKey }) => ({ blsKey, peerKey, proofOfPossession: '' }))
  return { shard, members }
}

/** The same committee with its proofs. */
export function provenCommittee(
  keys: readonly ValidatorKeys[],
  shard: number,
  networkId: Hash,
): GenesisCommittee {
  const members = keys.map((seat) => ({
    blsKey: seat.blsKey,
    peerKey: seat.peerKey,
    proofOfPossession: hexOf(provePossession(networkId, seat, seat.blsSecret)),
  }))
  return { shard, members }
}
