import { ConfigError } from '@shardnet/node/config'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { arrivalsOf } from '../arrivals.ts'
import { simpleProfileNames } from '../profiles/table.ts'
import { type PlannedLoad, replayedLoad } from '../replayed-load.ts'
import { hasTraceProblems, parseTrace } from '../trace.ts'
import { workloadOf } from '../workload.ts'
import { type LoadPod, TRACE_FOLDER } from './load-pod.ts'

/**
 * What a pod sends and when, with the rows of its trace where it has one.
 * @throws {ConfigError} when the file is not there, or with every problem of it, by line
 */
export async function tracedLoad(
  pod: Pick<LoadPod, 'workload' | 'arrivals'>,
  folder = TRACE_FOLDER,
): Promise<PlannedLoad> {
  const load = { workload: workloadOf(pod.workload), arrivals: arrivalsOf(pod.arrivals) }
  const { profile, file } = pod.workload
  if (profile !== 'trace' || file === undefined) return load
  const trace = parseTrace(await textOf(folder, file), simpleProfileNames)
  if (hasTraceProblems(trace)) {
    const problems = trace.map(({ line, expected, got }) => ({
      path: `${file}:${line}`,
      expected,
      got,
    }))
    throw new ConfigError('workload.file', problems)
  }
  return replayedLoad(load, trace)
}

async function textOf(folder: string, file: string): Promise<string> {
  try {
    // A key has no folders.
    return await readFile(join(folder, basename(file)), 'utf8')
  } catch {
    const expected = 'a key of the ConfigMap that spec.traceConfigMap names'
    throw new ConfigError('workload.file', [{ path: 'spec.workload.file', expected, got: file }])
  }
}
