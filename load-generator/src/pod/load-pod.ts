import { z } from 'zod'
import { ArrivalsSpec } from '../arrivals.ts'
import { CriteriaSpec } from '../criteria.ts'
import { GENERATORS_MAX } from '../share/share.ts'
import { WorkloadSpec } from '../workload.ts'

/** Where a load generator's pod listens: `/started`, and the other pods of the same load. */
export const LOAD_PORT = 8_080
/** Where its files are. */
export const GENESIS_FOLDER = '/etc/shardnet/genesis'
export const TRACE_FOLDER = '/etc/shardnet/trace'

/** What a load generator's pod says of its end by its exit code. */
export const loadExitCode = {
  ok: 0,
  failed: 1,
  badInput: 2,
  world: 3,
  /** Another pod of the load ended, or this one was told to. */
  aborted: 4,
} as const

/** What a load generator's pod is told, in the variable `SHARDNET_LOAD`. */
export const LoadPod = z
  .strictObject({
    format: z.literal(2).describe('Version of this document.'),
    run: z.string().max(64).describe('Tells this run from others.'),
    generators: z.int().min(1).max(GENERATORS_MAX).describe('Pods that share the load.'),
    coordinator: z.string().max(253).describe('Host and port of the first of them.'),
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
