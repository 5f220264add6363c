import type { Testnet } from '../../src/api/door.ts'
import type { HubWorld, ObservedCluster } from '../../src/plan/hub-plan.ts'
import type { ObservedTestnet } from '../../src/plan/observed.ts'
import { placeOf } from '../../src/plan/shard-plan.ts'

/** The clusters that a testnet names, and the hub's own; all of them can be reached unless a name is in `away`. */
export function clustersOf(
  testnet: Testnet,
  away: readonly string[] = [],
): readonly ObservedCluster[] {
  const names = [null, ...testnet.spec.placement.clusters.map(({ name }) => name)]
  return names.map((name) => {
    return { name, isReachable: !away.includes(name ?? ''), capacity: null }
  })
}

/** What a hub sees of an observed testnet. A set is settled when all of its validators are ready. */
export function hubWorld(
  observed: ObservedTestnet,
  clusters: readonly ObservedCluster[],
): HubWorld {
  const progress = observed.generations.flatMap(({ network, shards }) =>
    shards.map(({ plan, readyValidators }) => ({
      place: placeOf(plan),
      generation: network.generation,
      isSettled: readyValidators >= plan.ordinals.count,
    })),
  )
  return { observed, clusters, progress }
}
