import {
  ArrivalsSpec,
  CriteriaSpec,
  GENERATORS_MAX,
  WorkloadSpec,
} from '@shardnet/load-generator/schema'
import { z } from 'zod'
import { API_VERSION, resourceName, wholeNumber } from './field.ts'
import { FaultPlan } from './fault.ts'
import { Metadata } from './metadata.ts'

const Spec = z
  .strictObject({
    testnet: resourceName().describe('Testnet that takes the load.'),
    workload: WorkloadSpec.prefault({}).describe('What the transactions are.'),
    arrivals: ArrivalsSpec.prefault({ schedule: [{ rate: 500, for: '30s' }] }).describe(
      'When the transactions come.',
    ),
    criteria: CriteriaSpec.prefault({}).describe(
      'What the run must reach to pass; safety and progress always count.',
    ),
    generators: wholeNumber(1, GENERATORS_MAX)
      .default(1)
      .describe(
        'Pods that share the load, each with accounts of its own: together they send what one would. In a cluster only.',
      ),
    traceConfigMap: resourceName()
      .optional()
      .describe(
        'ConfigMap that has `workload.file` of the profile `trace` as a key. In a cluster only.',
      ),
    faults: z
      .array(FaultPlan)
      .max(100, { error: 'at most 100 faults' })
      .default([])
      .describe('Faults that are put in while the load runs; their times count from its start.'),
  })
  .superRefine(checkTrace, { when: () => true })

/** A trace says both what is sent and when; each half asks for the other. */
function checkTrace(
  { workload, arrivals }: { readonly workload?: unknown; readonly arrivals?: unknown },
  context: z.RefinementCtx,
): void {
  const profile = fieldOf(workload, 'profile')
  const process = fieldOf(arrivals, 'process')
  if ((profile === 'trace') === (process === 'trace')) return
  const [path, message] =
    profile === 'trace'
      ? ([['arrivals', 'process'], '"trace", with profile trace'] as const)
      : ([['workload', 'profile'], '"trace", with process trace'] as const)
  context.addIssue({ code: 'custom', path: [...path], message })
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** One load test of one testnet, with its verdict. */
export const LoadTest = z.strictObject({
  apiVersion: z.literal(API_VERSION).describe('Version of the kind.'),
  kind: z.literal('LoadTest').describe('The kind.'),
  metadata: Metadata.describe('Name of the load test.'),
  spec: Spec.describe('The load and what is expected of it.'),
})
export type LoadTest = z.infer<typeof LoadTest>
