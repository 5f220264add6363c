import { loadExitCode } from '@shardnet/load-generator/pod'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'

/** Where an Indexed Job writes the number of a pod. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index'

/** How one pod of a load ended. */
export interface GeneratorEnd {
  readonly index: number
  /** Null where nobody saw it end: it was evicted, or its machine is gone. */
  readonly exitCode: number | null
  /** Kubernetes' word, such as OOMKilled or Evicted. */
  readonly reason: string
  readonly message: string
  readonly finishedAt: string
}

interface PodStatus {
  readonly phase?: string
  readonly reason?: string
  readonly message?: string
  readonly containerStatuses?: readonly {
    readonly state?: {
      readonly terminated?: {
        readonly exitCode: number
        readonly reason?: string
        readonly message?: string
        readonly finishedAt?: string
      }
    }
  }[]
}

/** The ends of those pods that failed. */
export function failedGenerators(pods: readonly KubernetesObject[]): readonly GeneratorEnd[] {
  return pods.flatMap((pod) => {
    const status = (pod['status'] ?? {}) as PodStatus
    const index = Number(pod.metadata.labels?.[COMPLETION_INDEX] ?? 0)
    const terminated = status.containerStatuses?.[0]?.state?.terminated
    if (terminated === undefined && status.phase !== 'Failed') return []
    if (terminated?.exitCode === loadExitCode.ok) return []
    return [
      {
        index,
        exitCode: terminated?.exitCode ?? null,
        reason: status.reason ?? terminated?.reason ?? 'Failed',
        message: lastWords(terminated?.message ?? status.message ?? ''),
        finishedAt: terminated?.finishedAt ?? '',
      },
    ]
  })
}

/**
 * Why a load of several pods ended without a result: the first end is the reason, the others followed from it. What a
 * generator says of itself is an error; what befell it aborted the run.
 */
export function endOfLoad(
  ends: readonly GeneratorEnd[],
  generators: number,
  ofJob: string,
): { readonly verdict: 'Aborted' | 'Error'; readonly why: string } {
  const isAftermath = ({ exitCode }: GeneratorEnd) => exitCode === loadExitCode.aborted
  const [first] = ends.toSorted(
    (one, other) =>
      one.finishedAt.localeCompare(other.finishedAt) ||
      Number(isAftermath(one)) - Number(isAftermath(other)),
  )
  if (first === undefined) return { verdict: 'Aborted', why: `The load was ended: ${ofJob}` }
  const { index, exitCode, reason, message } = first
  const name = generators === 1 ? 'The load generator' : `Load generator ${index} of ${generators}`
  if (isAftermath(first)) return { verdict: 'Aborted', why: `The load was ended: ${message}.` }
  const isOwn = exitCode !== null && exitCode >= loadExitCode.failed && exitCode < 128
  if (isOwn && reason === 'Error') return { verdict: 'Error', why: `${name} failed: ${message}` }
  const code = exitCode === null ? '' : `, exit code ${exitCode}`
  return { verdict: 'Aborted', why: `${name} was ended before its time (${reason}${code}).` }
}

const WORDS_CHARACTERS_MAX = 600

/** The end of a log says why; that the load went on before that does not matter. */
function lastWords(log: string): string {
  const lines = log.split('\n').filter((line) => line !== '' && !/^\d+ s of load$/.test(line))
  return lines.join('\n').slice(0, WORDS_CHARACTERS_MAX)
}
