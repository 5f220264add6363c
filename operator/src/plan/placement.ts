import type { Testnet } from '../api/testnet.ts'

/** A run of committee indexes that lives in one cluster. */
export interface Part {
  readonly shard: number
  /** Null is the operator's own cluster, or this machine. */
  readonly cluster: string | null
  /** A validator's ordinal is its index in the committee, whichever cluster it is in. */
  readonly ordinals: { readonly start: number; readonly count: number }
}

/** Most faulty validators that a committee of this size survives. */
export function faultyMax(validatorsPerShard: number): number {
  return Math.floor((validatorsPerShard - 1) / 3)
}

/** Where every validator of a testnet runs: a function of the specification alone, so that it never moves by itself. */
export function placementOf(testnet: Testnet): readonly Part[] {
  const { shards, placement } = testnet.spec
  if (placement.clusters.length > 0 && placement.spread === 'Validators')
    return spreadValidators(testnet)
  const clusters = dealt(placement.clusters, shards)
  return Array.from({ length: shards }, (_, shard) =>
    wholeShard(testnet, shard, clusters[shard] ?? null),
  )
}

/** Whether the loss of any one cluster leaves every shard a quorum. True without clusters: there is nothing to spread. */
export function survivesOneCluster(testnet: Testnet): boolean {
  const { placement, validatorsPerShard } = testnet.spec
  if (placement.clusters.length === 0 || placement.spread === 'Shards') return true
  return placement.clusters.length * faultyMax(validatorsPerShard) >= validatorsPerShard
}

function wholeShard(testnet: Testnet, shard: number, cluster: string | null): Part {
  return { shard, cluster, ordinals: { start: 0, count: testnet.spec.validatorsPerShard } }
}

interface Weighted {
  readonly name: string
  readonly weight: number
}

/** Smooth weighted round robin: the shares are right after any number of turns, and turns do not clump. */
function dealt(clusters: readonly Weighted[], turns: number): readonly string[] {
  const total = clusters.reduce((sum, cluster) => sum + cluster.weight, 0)
  const credit = clusters.map(() => 0)
  return Array.from({ length: clusters.length === 0 ? 0 : turns }, () => {
    clusters.forEach((cluster, index) => (credit[index] = (credit[index] ?? 0) + cluster.weight))
    const winner = credit.indexOf(Math.max(...credit))
    credit[winner] = (credit[winner] ?? 0) - total
    return clusters[winner]?.name ?? ''
  })
}

/** At most f of a shard in one cluster where the numbers allow it; else as even as they allow. */
function spreadValidators(testnet: Testnet): readonly Part[] {
  const { shards, validatorsPerShard, placement } = testnet.spec
  const cap = survivesOneCluster(testnet)
    ? faultyMax(validatorsPerShard)
    : Math.ceil(validatorsPerShard / placement.clusters.length)
  const counts = cappedCounts(placement.clusters, validatorsPerShard, cap)
  return Array.from({ length: shards }, (_, shard) => {
    let start = 0
    return placement.clusters.flatMap((cluster, index) => {
      const count = counts[index] ?? 0
      const part = { shard, cluster: cluster.name, ordinals: { start, count } }
      start += count
      return count === 0 ? [] : [part]
    })
  }).flat()
}

function cappedCounts(
  clusters: readonly Weighted[],
  validators: number,
  cap: number,
): readonly number[] {
  const counts = clusters.map(() => 0)
  for (let placed = 0; placed < validators; placed++) {
    let best = 0
    clusters.forEach((cluster, index) => {
      if (loadOf(cluster, counts[index] ?? 0, cap) < loadOf(clusters[best], counts[best] ?? 0, cap))
        best = index
    })
    counts[best] = (counts[best] ?? 0) + 1
  }
  return counts
}

/** How full a cluster would be, against its weight, with one more. */
function loadOf(cluster: Weighted | undefined, count: number, cap: number): number {
  return cluster === undefined || count >= cap
    ? Number.POSITIVE_INFINITY
    : (count + 1) / cluster.weight
}
