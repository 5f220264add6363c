import { z } from 'zod'
import { BLS_KEY_BYTES, BLS_SIGNATURE_BYTES } from '../core/wire/certificate.ts'
import { ProtocolParameters } from './protocol-parameters.ts'
import {
  hexText,
  ShardNumber,
  SHARDS_MAX,
  VALIDATORS_PER_SHARD_MAX,
  VALIDATORS_PER_SHARD_MIN,
} from './shapes.ts'

/** Bytes of an ed25519 public key. */
export const PEER_KEY_BYTES = 32

const GenesisMember = z.strictObject({
  blsKey: hexText(BLS_KEY_BYTES),
  peerKey: hexText(PEER_KEY_BYTES),
  proofOfPossession: hexText(BLS_SIGNATURE_BYTES),
})

/** One shard's seats. */
export const GenesisCommittee = z.strictObject({
  shard: ShardNumber,
  members: z.array(GenesisMember),
})

/** Bytes of the instance id. */
export const INSTANCE_BYTES = 16
const SEED_CHARACTERS_MAX = 256

/** Everything that the validators of one testnet agree on before the first block. Its hash is the network id. */
export const GenesisDocument = z
  .strictObject({
    format: z.literal(1).describe('Version of this document.'),
    instance: hexText(INSTANCE_BYTES).describe('Tells two runs of one seed apart.'),
    seed: z
      .string()
      .min(1)
      .max(SEED_CHARACTERS_MAX)
      .describe('Public: accounts and workload come from it.'),
    shards: z.int().min(1).max(SHARDS_MAX),
    validatorsPerShard: z.int().min(VALIDATORS_PER_SHARD_MIN).max(VALIDATORS_PER_SHARD_MAX),
    protocol: ProtocolParameters,
    accounts: z.strictObject({
      perShard: z.int().min(1).max(1_000_000),
      balance: z
        .string()
        .regex(/^(0|[1-9][0-9]{0,15})$/, 'a whole number in decimal digits, below 2^53')
        .describe('Of each account, before the first block.'),
      tableHash: hexText(32).describe('Of the table of accounts, which is a file of its own.'),
    }),
    committees: z
      .array(GenesisCommittee)
      .describe('By shard, in order; members in the order of votes.'),
  })
  .readonly()
export type Genesis = z.infer<typeof GenesisDocument>
