import { ProtocolParameters } from '@shardnet/node/config'
import { z } from 'zod'
import { API_VERSION, resourceName, wholeNumber } from './field.ts'
import { Metadata } from './metadata.ts'
import { Resources, Storage } from './testnet.ts'

/** What the genesis is made from. */
export const NetworkOfShard = z.strictObject({
  generation: wholeNumber(1, 2_147_483_647).describe(
    'Counts the networks that this testnet has been.',
  ),
  seed: z.string().describe('Public seed of the accounts.'),
  shards: wholeNumber(1, 64).describe('Shards of the network.'),
  validatorsPerShard: wholeNumber(4, 64).describe('Size of each committee.'),
  protocol: ProtocolParameters.describe('Parameters of the protocol.'),
  accounts: z
    .strictObject({
      perShard: wholeNumber(1, 1_000_000).describe('Funded accounts of each shard.'),
      balance: z.string().describe('Balance of each, as text.'),
    })
    .describe('State at height 0.'),
})

const Spec = z.strictObject({
  testnet: resourceName().describe('Testnet that this belongs to.'),
  shard: wholeNumber(0, 63).describe('Index of the shard.'),
  cluster: resourceName()
    .optional()
    .describe('Cluster that runs this part; left out for the operator’s own.'),
  ordinals: z
    .strictObject({
      start: wholeNumber(0, 63).describe('Committee index of the first validator here.'),
      count: wholeNumber(1, 64).describe('Validators here.'),
    })
    .describe(
      'Part of the committee that runs here; a pod’s ordinal is its index in the committee.',
    ),
  network: NetworkOfShard.describe('The network, the same in every Shard of a generation.'),
  image: z.string().optional().describe('Image of the validators.'),
  resources: Resources.describe('Processor time and memory of each validator.'),
  storage: Storage.describe('Disk of each validator.'),
})

/** The part of one shard in one cluster: written by the operator, never by people. */
export const Shard = z.strictObject({
  apiVersion: z.literal(API_VERSION).describe('Version of the kind.'),
  kind: z.literal('Shard').describe('The kind.'),
  metadata: Metadata.describe('Name of the shard.'),
  spec: Spec.describe('What the member cluster is asked for.'),
})
export type Shard = z.infer<typeof Shard>
