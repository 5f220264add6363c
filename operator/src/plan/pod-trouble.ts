import type { Shard } from '../api/shard.ts'

/** The part of a pod, as an API server tells it, in which troubles show. */
export interface PodReport {
  readonly metadata: { readonly name: string }
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
      readonly lastTransitionTime?: string
    }[]
    readonly containerStatuses?: readonly ContainerReport[]
  }
}

interface ContainerReport {
  readonly restartCount?: number
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string }
  }
  readonly lastState?: {
    readonly terminated?: {
      readonly exitCode?: number
      readonly reason?: string
      readonly message?: string
    }
  }
}

/** Why validators do not come up, with what to do about it. */
export interface Trouble {
  readonly reason:
    | 'ImageCannotStart'
    | 'VolumeUnbound'
    | 'Unschedulable'
    | 'ValidatorFails'
    | 'PodsRefused'
    | 'KeysMissing'
    | 'ImageMissing'
    | 'GatewaysUnknown'
    | 'NodePortsExhausted'
  readonly message: string
}

const IMAGE_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
])
const START_REASONS = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
])
const WORDS_MAX = 300

/** A pod without a machine is no news at first: its disk may be on the way. */
const SCHEDULED_WITHIN_MS = 15_000
/** Nor while others of its set find theirs: a large one waits for its disks, one after the other. */
const OTHERS_WITHIN_MS = 30_000

/**
 * The first trouble among the pods of a set, the worst kind first; null when they are only on their way.
 * `calmMs` is how long ago more of them became ready.
 */
export function troubleOf(
  pods: readonly PodReport[],
  nowMs: number,
  calmMs = Number.POSITIVE_INFINITY,
): Trouble | null {
  const troubles = pods.flatMap((pod) => {
    return waitingPod(pod, nowMs, calmMs) ?? troubleOfPod(pod) ?? []
  })
  const order: readonly Trouble['reason'][] = [
    'ImageCannotStart',
    'ValidatorFails',
    'VolumeUnbound',
    'Unschedulable',
  ]
  return (
    troubles.sort((one, other) => order.indexOf(one.reason) - order.indexOf(other.reason))[0] ??
    null
  )
}

function waitingPod(
  { metadata, status }: PodReport,
  nowMs: number,
  calmMs: number,
): Trouble | null {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return null
  const sinceMs = nowMs - Date.parse(scheduled.lastTransitionTime ?? '')
  if (sinceMs < SCHEDULED_WITHIN_MS || calmMs < OTHERS_WITHIN_MS) return null
  return unscheduled(metadata.name, scheduled.message ?? '')
}

function troubleOfPod({ metadata, status }: PodReport): Trouble | null {
  for (const container of status?.containerStatuses ?? []) {
    const trouble = troubleOfContainer(metadata.name, container)
    if (trouble !== null) return trouble
  }
  return null
}

function unscheduled(pod: string, message: string): Trouble {
  if (/PersistentVolumeClaim/i.test(message)) {
    return {
      reason: 'VolumeUnbound',
      message: `The disk of ${pod} is not there: ${short(message)} Check the storage class.`,
    }
  }
  return {
    reason: 'Unschedulable',
    message: `No machine takes ${pod}: ${short(message)} Add machines, or ask for less in spec.resources.`,
  }
}

function troubleOfContainer(pod: string, container: ContainerReport): Trouble | null {
  const { reason = '', message = '' } = container.state?.waiting ?? {}
  if (IMAGE_REASONS.has(reason)) {
    return {
      reason: 'ImageCannotStart',
      message: `The image of ${pod} cannot be had (${reason}): ${short(message)} Check spec.image.`,
    }
  }
  if (START_REASONS.has(reason)) {
    return {
      reason: 'ImageCannotStart',
      message: `${pod} cannot be started (${reason}): ${short(message)} Check spec.image.`,
    }
  }
  const last = container.lastState?.terminated
  if (reason !== 'CrashLoopBackOff' || last === undefined) return null
  const words = short(last.message ?? last.reason ?? '')
  return {
    reason: 'ValidatorFails',
    message: `${pod} ended with code ${last.exitCode ?? 0}: ${words} See: kubectl logs ${pod} --previous`,
  }
}

/** The API server has no port left for a gateway. @param words its own */
export function nodePortsExhausted({ spec }: Shard, words: string): Trouble {
  return {
    reason: 'NodePortsExhausted',
    message:
      `Not every one of the ${spec.gateways ?? 0} gateways of this shard has a port, so other clusters may not reach it: ` +
      `${short(words)} Widen --service-node-port-range of the cluster's API server (and nodePorts of the hub's chart), spread the shards over more clusters, ` +
      'or remove Services of type NodePort.',
  }
}

/** The last line that says something: what comes before it is log. */
function short(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? ''
  const cut = line.length <= WORDS_MAX ? line : `${line.slice(0, WORDS_MAX - 1)}…`
  return cut === '' || /[.!?…]$/.test(cut) ? cut : `${cut}.`
}
