import { z } from 'zod'
import { ConfigError, parseJson, parseWith } from '../../config/problems.ts'
import { Address, SeatNumber, ShardNumber } from '../../config/shapes.ts'

const GENESIS_PARTS_MAX = 64

/** What all pods of one shard are told alike, in the variable `SHARDNET_POD`. */
export const PodConfig = z
  .strictObject({
    format: z.literal(1).describe('Version of this document.'),
    shard: ShardNumber.describe('Shard that the pod’s validator serves.'),
    genesisParts: z.int().min(1).max(GENESIS_PARTS_MAX).describe('Files that the genesis lies in.'),
    peerHost: z
      .string()
      .max(253)
      .refine((text) => text.includes('{shard}') && text.includes('{validator}'), {
        error: 'a host name with {shard} and {validator} in it',
      })
      .describe('Host of each validator of the same cluster.'),
    diskBytesMax: z.int().min(1).describe('Budget of the log.'),
  })
  .readonly()
export type PodConfig = z.infer<typeof PodConfig>

/** @throws ConfigError with all problems at once. */
export function parsePodConfig(text: string | undefined): PodConfig {
  if (text === undefined) {
    const problem = { path: '', expected: 'the configuration of a pod', got: 'nothing' }
    throw new ConfigError('SHARDNET_POD', [problem])
  }
  return parseWith('SHARDNET_POD', PodConfig, parseJson('SHARDNET_POD', text))
}

/** The index in the committee that a pod's name ends in. @throws ConfigError */
export function ordinalOf(podName: string): number {
  const parsed = SeatNumber.safeParse(Number(/-([0-9]{1,4})$/.exec(podName)?.[1] ?? Number.NaN))
  if (parsed.success) return parsed.data
  const expected = 'a name that ends in the validator’s index, such as demo-g1-shard-0-3'
  throw new ConfigError('pod', [{ path: 'name', expected, got: JSON.stringify(podName) }])
}

/** Which validators are found by name, and the addresses of those in other clusters. */
export const ClusterBook = z.strictObject({
  format: z.literal(1),
  local: z.array(z.strictObject({ shard: ShardNumber, start: SeatNumber, count: z.int().min(1) })),
  gateways: z.array(
    z.strictObject({ shard: ShardNumber, validator: SeatNumber, address: Address }),
  ),
})
export type ClusterBook = z.infer<typeof ClusterBook>
