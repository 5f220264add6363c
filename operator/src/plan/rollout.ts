/** One pod of a set as it was found. */
export interface ObservedPod {
  readonly name: string
  /** Tells it from a later pod of the same name. */
  readonly uid: string
  readonly isReady: boolean
  readonly isLeaving: boolean
  /** It runs what the set wants now. */
  readonly isUpdated: boolean
  /** Newest committed height that it told; null when it was not asked or did not answer. */
  readonly height: number | null
}

/** Blocks that a validator may be behind the fastest of its shard and count as caught up. */
const CAUGHT_UP_BLOCKS = 10

/**
 * Which pods to replace now so that the set comes to run what it wants. At most `unavailableMax` of the set are away at a
 * time, and one that came back counts as away until it has caught up, ready or not. A pod that is down already goes
 * first: replacing it takes nothing away.
 */
export function planRollout(
  pods: readonly ObservedPod[],
  wanted: number,
  unavailableMax: number,
): readonly ObservedPod[] {
  const tip = Math.max(0, ...pods.flatMap(({ height }) => height ?? []))
  const isServing = (pod: ObservedPod) =>
    pod.isReady && !pod.isLeaving && (pod.height === null || pod.height >= tip - CAUGHT_UP_BLOCKS)
  const outdated = pods.filter((pod) => !pod.isUpdated && !pod.isLeaving)
  const down = outdated.filter((pod) => !pod.isReady)
  const away = wanted - pods.filter(isServing).length
  const room = Math.max(0, unavailableMax - away)
  const serving = outdated.filter(isServing).slice(0, room)
  return [...down, ...serving]
}
