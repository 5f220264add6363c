import { z } from 'zod'
import { ArrivalsSpec } from '../arrivals.ts'
import { CriteriaSpec } from '../criteria.ts'
import { WorkloadSpec } from '../workload.ts'

/** What a load generator's pod is told, in the variable `SHARDNET_LOAD`. */
export const LoadPod = z
  .strictObject({
    format: z.literal(1).describe('Version of this document.'),
    testnet: z.string().max(63).describe('Name of the testnet, for the report.'),
    genesisParts: z.int().min(1).max(64).describe('Files that the genesis lies in.'),
    httpHost: z
      .string()
      .max(253)
      .describe('Host and port of a validator, with {shard} and {validator} in it.'),
    workload: WorkloadSpec,
    arrivals: ArrivalsSpec,
    criteria: CriteriaSpec,
  })
  .readonly()
export type LoadPod = z.infer<typeof LoadPod>
