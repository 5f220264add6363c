import { ProtocolParameters, SHARDS_MAX, VALIDATORS_PER_SHARD_MAX } from '@shardnet/node/config'
import { z } from 'zod'
import {
  API_VERSION,
  duration,
  oneOf,
  quantity,
  resourceName,
  textLike,
  wholeNumber,
} from './field.ts'
import { Metadata } from './metadata.ts'

/** Most validators of a testnet: 2018 had 41,440. */
export const VALIDATORS_MAX = 65_536

/** State at height 0. */
export const TestnetGenesis = z.strictObject({
  seed: textLike(/^[\x20-\x7e]+$/, 64, 'text of 1 to 64 printable ASCII characters')
    .default('shardnet')
    .describe(
      'Public seed of the accounts; it never changes. Validators’ keys do not come from it.',
    ),
  accountsPerShard: wholeNumber(1, 1_000_000)
    .default(10_000)
    .describe('Funded accounts of each shard at height 0.'),
  balance: textLike(/^[1-9][0-9]*$/, 16, 'a positive whole number as text, such as "1000000"')
    .default('1000000')
    .describe('Balance of each of these accounts.'),
})

const PlacementCluster = z.strictObject({
  name: resourceName().describe('Name of a Cluster object.'),
  weight: wholeNumber(1, 100).default(1).describe('Share of the testnet that this cluster takes.'),
})

/** Where validators run. */
export const Placement = z.strictObject({
  spread: oneOf(['Shards', 'Validators'])
    .default('Shards')
    .describe(
      'What is dealt out over the clusters: whole shards, or at most f validators of a shard each.',
    ),
  clusters: z
    .array(PlacementCluster)
    .max(64, { error: 'at most 64 clusters' })
    .default([])
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('Member clusters; none means the cluster (or machine) that runs the operator.'),
})

const Amounts = z.strictObject({
  cpu: quantity().optional().describe('Processor time, in cores.'),
  memory: quantity().optional().describe('Memory.'),
})

/** Processor time and memory of a validator. */
export const Resources = z.strictObject({
  requests: Amounts.optional().describe('What each validator is promised.'),
  limits: Amounts.optional().describe('What each validator may take at most.'),
})

/** Disk of a validator. */
export const Storage = z.strictObject({
  size: quantity()
    .default('10Gi')
    .describe('Disk of each validator; it stops in good order before it is full.'),
  retention: oneOf(['Delete', 'Retain'])
    .default('Delete')
    .describe('What becomes of the disks when the testnet is deleted.'),
})

const Network = z.strictObject({
  links: oneOf(['none'])
    .default('none')
    .describe('Region table that the validators emulate between themselves; none adds nothing.'),
})

/** The network that is wanted. */
export const TestnetSpec = z.strictObject({
  image: z
    .string({ error: 'the reference of an image' })
    .min(1, { error: 'the reference of an image' })
    .max(512, { error: 'the reference of an image of at most 512 characters' })
    .optional()
    .describe('Image of the validators in a cluster; on a laptop the clone itself is run.'),
  shards: wholeNumber(1, SHARDS_MAX).default(2).describe('Number of shards.'),
  validatorsPerShard: wholeNumber(4, VALIDATORS_PER_SHARD_MAX)
    .default(4)
    .describe('Validators in the committee of each shard.'),
  protocol: ProtocolParameters.prefault({}).describe(
    'Parameters of the protocol; part of the genesis.',
  ),
  genesis: TestnetGenesis.prefault({}).describe('State at height 0; it cannot change later.'),
  placement: Placement.prefault({}).describe('Where the validators run.'),
  network: Network.prefault({}).describe('Links between the validators.'),
  reshard: oneOf(['Recreate'])
    .default('Recreate')
    .describe(
      'What a change of the committees does: Recreate starts a new, empty generation of the network.',
    ),
  resources: Resources.prefault({}).describe('Processor time and memory of each validator.'),
  storage: Storage.prefault({}).describe('Disk of each validator.'),
  paused: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('While true, nothing is started, stopped or changed.'),
  ttl: duration()
    .optional()
    .describe('Age at which the testnet is taken down, whoever is still there.'),
  idleAfter: duration()
    .optional()
    .describe('Time without a committed transaction after which it is taken down.'),
})

/** One sharded network: what people edit, on a laptop and in a cluster alike. */
export const Testnet = z.strictObject({
  apiVersion: z.literal(API_VERSION).describe('Version of the kind.'),
  kind: z.literal('Testnet').describe('The kind.'),
  metadata: Metadata.describe('Name of the testnet.'),
  spec: TestnetSpec.prefault({}).describe('The network that is wanted.'),
})
export type Testnet = z.infer<typeof Testnet>
