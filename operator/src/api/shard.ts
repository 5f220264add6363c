import { ProtocolParameters, SHARDS_MAX, VALIDATORS_PER_SHARD_MAX } from '@shardnet/node/config'
import { faultyMaxOf } from '@shardnet/node/core'
import { z } from 'zod'
import { API_VERSION, resourceName, textLike, wholeNumber } from './field.ts'
import { Metadata } from './metadata.ts'
import { Resources, Storage } from './testnet.ts'

/** What the genesis is made from. */
export const NetworkOfShard = z.strictObject({
  generation: wholeNumber(1, 2_147_483_647).describe(
    'Counts the networks that this testnet has been.',
  ),
  seed: z.string().max(64).describe('Public seed of the accounts.'),
  shards: wholeNumber(1, SHARDS_MAX).describe('Shards of the network.'),
  validatorsPerShard: wholeNumber(4, VALIDATORS_PER_SHARD_MAX).describe('Size of each committee.'),
  protocol: ProtocolParameters.describe('Parameters of the protocol.'),
  accounts: z
    .strictObject({
      perShard: wholeNumber(1, 1_000_000).describe('Funded accounts of each shard.'),
      balance: z.string().max(16).describe('Balance of each, as text.'),
    })
    .describe('State at height 0.'),
})

const Spec = z.strictObject({
  testnet: resourceName().describe('Testnet that this belongs to.'),
  shard: wholeNumber(0, SHARDS_MAX - 1).describe('Index of the shard.'),
  cluster: resourceName()
    .optional()
    .describe('Cluster that runs this part; left out for the operator’s own.'),
  ordinals: z
    .strictObject({
      start: wholeNumber(0, VALIDATORS_PER_SHARD_MAX - 1).describe(
        'Committee index of the first validator here.',
      ),
      count: wholeNumber(1, VALIDATORS_PER_SHARD_MAX).describe('Validators here.'),
    })
    .describe(
      'Part of the committee that runs here; a pod’s ordinal is its index in the committee.',
    ),
  network: NetworkOfShard.describe('The network, the same in every Shard of a generation.'),
  networkId: z
    .string()
    .max(64)
    .optional()
    .describe('Identity of the network; left out on a laptop, where files say it.'),
  maxUnavailable: wholeNumber(0, faultyMaxOf(VALIDATORS_PER_SHARD_MAX))
    .optional()
    .describe('Validators here that may be taken down at a time; all parts together at most f.'),
  gateways: wholeNumber(0, VALIDATORS_PER_SHARD_MAX)
    .optional()
    .describe('Validators here that other clusters reach, from the first on.'),
  image: z.string().max(512).optional().describe('Image of the validators.'),
  resources: Resources.describe('Processor time and memory of each validator.'),
  storage: Storage.describe('Disk of each validator.'),
})

/** Longer than that of other kinds: the testnet's name with generation and shard behind it. */
const ShardMetadata = Metadata.extend({
  name: textLike(
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    52,
    'a name of at most 52 small letters, digits and dashes that starts with a letter',
  ).describe('Name of the object, unique among its kind.'),
})

/** The part of one shard in one cluster: written by the operator, never by people. */
export const Shard = z.strictObject({
  apiVersion: z.literal(API_VERSION).describe('Version of the kind.'),
  kind: z.literal('Shard').describe('The kind.'),
  metadata: ShardMetadata.describe('Name of the shard.'),
  spec: Spec.describe('What the member cluster is asked for.'),
})
export type Shard = z.infer<typeof Shard>
