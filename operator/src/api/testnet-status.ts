import { VALIDATORS_PER_SHARD_MAX } from '@shardnet/node/config'
import { z } from 'zod'
import { conditions, moment, observedGeneration } from './condition.ts'
import { resourceName, wholeNumber } from './field.ts'

const COUNT_MAX = 1_000_000
const HEIGHT_MAX = Number.MAX_SAFE_INTEGER

/** How many shards and clusters a status names: it stays small whatever the testnet's size. */
export const STATUS_NAMES_MAX = 8

const ClusterPart = z.strictObject({
  name: z.string().max(63).describe('Name of the Cluster; empty for the operator’s own.'),
  validators: wholeNumber(0, COUNT_MAX).describe('Validators that run there.'),
  readyValidators: wholeNumber(0, COUNT_MAX).describe('Those of them that are ready.'),
  reachable: z.boolean().describe('Whether the operator reaches its API server.'),
})

const WorstShard = z.strictObject({
  shard: wholeNumber(0, COUNT_MAX).describe('Index of the shard.'),
  readyValidators: wholeNumber(0, COUNT_MAX).describe('Its ready validators.'),
  message: z.string().max(512).describe('What it says about itself.'),
})

/** What the operator found of a Testnet. Bounded: the figures of each shard live in its Shard object. */
export const TestnetStatus = z.strictObject({
  observedGeneration: observedGeneration().optional(),
  generation: wholeNumber(0, 2_147_483_647)
    .optional()
    .describe('Which network of this testnet serves: each recreation counts one up.'),
  networkId: z.string().max(64).optional().describe('Identity of that network.'),
  image: z.string().max(512).optional().describe('Image of its validators.'),
  shards: wholeNumber(0, COUNT_MAX).optional().describe('Shards of that network.'),
  validators: wholeNumber(0, COUNT_MAX).optional().describe('Validators of that network.'),
  readyValidators: wholeNumber(0, COUNT_MAX).optional().describe('Those that are ready.'),
  ready: z.string().max(32).optional().describe('Ready validators of all, such as 8/8.'),
  selector: z
    .string()
    .max(256)
    .optional()
    .describe('Label selector of the validators’ pods, for the scale subresource.'),
  height: wholeNumber(0, HEIGHT_MAX).optional().describe('Height of the lowest shard.'),
  committedPerSecond: wholeNumber(0, 1_000_000_000)
    .optional()
    .describe('Transactions that all shards execute each second.'),
  p99: z
    .string()
    .max(16)
    .optional()
    .describe('Time in which 99 % of batches are committed, in the slowest shard.'),
  costPerHour: z.string().max(24).optional().describe('Price of an hour, in US dollars.'),
  lastCommitTime: moment().optional().describe('When a transaction was last seen executed.'),
  ended: z.string().max(256).optional().describe('Why the testnet was taken down.'),
  clusters: z
    .array(ClusterPart)
    .max(64)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('What runs where.'),
  worstShards: z
    .array(WorstShard)
    .max(STATUS_NAMES_MAX)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('The shards that lack most.'),
  conditions: conditions(),
})
export type TestnetStatus = z.infer<typeof TestnetStatus>

const Gateway = z.strictObject({
  validator: wholeNumber(0, 4_095).describe('Index of the validator in the committee.'),
  address: z.string().max(260).describe('host:port at which other clusters reach it.'),
})

/** What a member cluster found of its part of a shard. */
export const ShardStatus = z.strictObject({
  observedGeneration: observedGeneration().optional(),
  validators: wholeNumber(0, COUNT_MAX).optional().describe('Validators that should run here.'),
  readyValidators: wholeNumber(0, COUNT_MAX).optional().describe('Those that are ready.'),
  updatedValidators: wholeNumber(0, COUNT_MAX)
    .optional()
    .describe('Those that run the wanted image and settings.'),
  ready: z.string().max(32).optional().describe('Ready validators of all, such as 4/4.'),
  born: z
    .boolean()
    .optional()
    .describe('Whether all validators were ready once. From then on an empty disk never votes.'),
  height: wholeNumber(0, HEIGHT_MAX).optional().describe('Height of its newest committed block.'),
  lag: wholeNumber(0, HEIGHT_MAX)
    .optional()
    .describe('Blocks by which the slowest scraped validator is behind the fastest.'),
  committedPerSecond: wholeNumber(0, 1_000_000_000)
    .optional()
    .describe('Transactions that it executes each second.'),
  p99: z.string().max(16).optional().describe('Time in which 99 % of batches are committed.'),
  lastCommitTime: moment().optional().describe('When a transaction was last seen executed.'),
  gateways: z
    .array(Gateway)
    .max(VALIDATORS_PER_SHARD_MAX)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['validator'] })
    .describe('Validators that other clusters reach, and where.'),
  conditions: conditions(),
})
export type ShardStatus = z.infer<typeof ShardStatus>

/** What the operator knows of a member cluster. */
export const ClusterStatus = z.strictObject({
  observedGeneration: observedGeneration().optional(),
  version: z.string().max(64).optional().describe('Version of its API server.'),
  validators: wholeNumber(0, COUNT_MAX).optional().describe('Validators placed there.'),
  lastSeenTime: moment().optional().describe('When it last answered.'),
  conditions: conditions(),
})
export type ClusterStatus = z.infer<typeof ClusterStatus>

/** What became of a load test. */
export const LoadTestStatus = z.strictObject({
  observedGeneration: observedGeneration().optional(),
  generators: wholeNumber(0, 1_000).optional().describe('Pods that share the rate.'),
  startTime: moment().optional().describe('When the load began.'),
  completionTime: moment().optional().describe('When the result was there.'),
  rate: wholeNumber(0, 1_000_000_000).optional().describe('Highest wanted rate.'),
  committedPerSecond: wholeNumber(0, 1_000_000_000)
    .optional()
    .describe('Committed transactions per second in the window.'),
  p50: z.string().max(16).optional().describe('Latency of half of the committed transactions.'),
  p99: z.string().max(16).optional().describe('Latency of 99 % of the committed transactions.'),
  verdict: z
    .string()
    .max(32)
    .optional()
    .describe('Passed, Failed, GeneratorLimited, NotSteady, Aborted or Error.'),
  message: z.string().max(1_024).optional().describe('The verdict in words.'),
  result: resourceName().optional().describe('ConfigMap that holds result.json and report.html.'),
  conditions: conditions(),
})
export type LoadTestStatus = z.infer<typeof LoadTestStatus>

/** What became of a fault. */
export const FaultStatus = z.strictObject({
  observedGeneration: observedGeneration().optional(),
  startTime: moment().optional().describe('When the fault was put in.'),
  endTime: moment().optional().describe('When it was undone.'),
  targets: z
    .array(z.string().max(63))
    .max(64)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Pods that suffer it, the first 64 of them.'),
  count: wholeNumber(0, COUNT_MAX).optional().describe('How many validators suffer it.'),
  state: z.string().max(32).optional().describe('Waiting, Active, Undone or Failed.'),
  conditions: conditions(),
})
export type FaultStatus = z.infer<typeof FaultStatus>
