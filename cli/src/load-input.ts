import {
  arrivalsOf,
  hasTraceProblems,
  parseTrace,
  type PlannedLoad,
  problemsOfLoad,
  replayedLoad,
  simpleProfileNames,
  workloadOf,
} from '@shardnet/load-generator/schema'
import type { LoadTest, Testnet } from '@shardnet/operator/api'
import { availableParallelism } from 'node:os'
import { InputError } from './input-error.ts'
import { readTyped } from './typed-file.ts'

/** What a load meets, as far as documents say. */
export interface LoadPlace {
  readonly shards: number
  readonly accountsPerShard: number
  readonly payloadBytesMax: number
  readonly blockIntervalMs: number
}

/**
 * Workload and arrivals of a LoadTest, with the rows of its trace where it has one.
 * @throws {InputError} with every problem of the trace, by line.
 */
export function loadInputOf({ spec }: LoadTest): PlannedLoad {
  const load = { workload: workloadOf(spec.workload), arrivals: arrivalsOf(spec.arrivals) }
  const { file } = spec.workload
  if (spec.workload.profile !== 'trace' || file === undefined) return load
  const trace = parseTrace(readTyped(file, 'spec.workload.file'), simpleProfileNames)
  if (hasTraceProblems(trace)) {
    throw new InputError(
      trace.map(({ line, expected, got }) => `${file}:${line}: expected ${expected}, got ${got}`),
    )
  }
  return replayedLoad(load, trace)
}

/** Everything that makes a load impossible in a place, one line each. */
export function impossibleIn(input: PlannedLoad, place: LoadPlace): readonly string[] {
  const surroundings = { ...place, cores: availableParallelism() }
  return problemsOfLoad(input.workload, input.arrivals, surroundings).map(
    ({ path, expected, got }) => `${path}: expected ${expected}, got ${got}`,
  )
}

/** The place that a Testnet document asks for. */
export function placeOf({ spec }: Testnet): LoadPlace {
  const { payloadBytesMax, blockIntervalMs } = spec.protocol
  const { accountsPerShard } = spec.genesis
  return { shards: spec.shards, accountsPerShard, payloadBytesMax, blockIntervalMs }
}
