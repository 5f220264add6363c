import type { Testnet } from '../api/testnet.ts'
import type { Action } from './action.ts'
import type { ObservedTestnet } from './observed.ts'
import { type Plan, planTestnet } from './plan-testnet.ts'
import { placeOf, type ShardPlan } from './shard-plan.ts'

/** What the hub knows of a member cluster. */
export interface ObservedCluster {
  /** Null is the hub's own. */
  readonly name: string | null
  readonly isReachable: boolean
  /** Most validators that may be placed there; null where nobody said. */
  readonly capacity: number | null
}

/** One set, as far as a rollout over several clusters has to know it. */
export interface SetProgress {
  readonly place: string
  readonly generation: number
  /** All of its validators run what they were last told to, and are ready. */
  readonly isSettled: boolean
}

/** All that the hub decides from. */
export interface HubWorld {
  readonly observed: ObservedTestnet
  readonly clusters: readonly ObservedCluster[]
  readonly progress: readonly SetProgress[]
}

/** Why a step that the plan asks for is not taken now. It is taken as soon as the reason is gone. */
export interface Hold {
  readonly reason: 'ClusterUnknown' | 'ClusterUnreachable' | 'NoRoom' | 'RollingOut'
  readonly message: string
}

/** The plan of a testnet over clusters: what can be done now, and what has to wait for what. */
export interface HubPlan {
  readonly plan: Plan
  readonly actions: readonly Action[]
  readonly holds: readonly Hold[]
}

/** Decides the hub's next steps. Pure, like `planTestnet`, whose actions it lets through one by one. */
export function planHub(desired: Testnet, world: HubWorld): HubPlan {
  const plan = planTestnet(desired, world.observed)
  const noRoom = plan.ending === null ? roomHolds(plan, world) : []
  const holds: Hold[] = [...noRoom]
  const started = new Set<string>()
  const actions = plan.actions.filter((action) => {
    const hold = holdOf(action, world, { isFull: noRoom.length > 0, started })
    if (hold !== null && !holds.some(({ message }) => message === hold.message)) holds.push(hold)
    return hold === null
  })
  return { plan, actions, holds }
}

interface Turn {
  readonly isFull: boolean
  /** Shards of which a part was let through in this plan. */
  readonly started: Set<string>
}

function holdOf(action: Action, world: HubWorld, turn: Turn): Hold | null {
  switch (action.kind) {
    case 'createNetwork':
      return turn.isFull ? NO_ROOM : null
    case 'applyShard':
      return holdOfApply(action.shard, world, turn)
    case 'removeShard':
      return holdOfCluster(action.shard.cluster, world)
    case 'removeNetwork': {
      const away = world.clusters.find(({ isReachable }) => !isReachable)
      // What it holds of the network could not be removed, and nobody would come back for it.
      return away === undefined ? null : holdOfCluster(away.name, world)
    }
  }
}

const NO_ROOM: Hold = { reason: 'NoRoom', message: 'The clusters have no room for the network.' }

function holdOfApply(shard: ShardPlan, world: HubWorld, turn: Turn): Hold | null {
  const hold = holdOfCluster(shard.cluster, world)
  if (hold !== null) return hold
  const { generation } = shard.network
  const isNew = !world.progress.some(
    (each) => each.generation === generation && each.place === placeOf(shard),
  )
  if (isNew) return turn.isFull ? NO_ROOM : null
  // A set that exists changes what it runs: one part of a shard at a time, because clusters cannot ask each other.
  const key = `${generation}/${shard.shard}`
  const isBusy = world.progress.some((each) => {
    const isPart = each.generation === generation && each.place.startsWith(`${shard.shard}/`)
    return isPart && each.place !== placeOf(shard) && !each.isSettled
  })
  if (isBusy || turn.started.has(key)) {
    const message = `Shard ${shard.shard} is being rolled out in another cluster first.`
    return { reason: 'RollingOut', message }
  }
  turn.started.add(key)
  return null
}

function holdOfCluster(name: string | null, { clusters }: HubWorld): Hold | null {
  const found = clusters.find((cluster) => cluster.name === name)
  if (found === undefined) {
    const message = `There is no Cluster "${name ?? ''}": make one, or change placement.clusters.`
    return { reason: 'ClusterUnknown', message }
  }
  if (found.isReachable) return null
  const message = `Cluster "${name ?? ''}" cannot be reached: its part waits, the others go on.`
  return { reason: 'ClusterUnreachable', message }
}

/** Clusters in which the wanted network does not fit beside what is still there of older ones. */
function roomHolds(plan: Plan, { clusters, observed }: HubWorld): readonly Hold[] {
  return clusters.flatMap(({ name, capacity }): readonly Hold[] => {
    if (capacity === null) return []
    const here = (shards: readonly ShardPlan[]) =>
      shards.filter(({ cluster }) => cluster === name).reduce((sum, s) => sum + s.ordinals.count, 0)
    const wanted = here(plan.shards)
    const older = observed.generations
      .filter(({ network }) => network.generation !== plan.network.generation)
      .reduce((sum, { shards }) => sum + here(shards.map((each) => each.plan)), 0)
    if (wanted + older <= capacity) return []
    const beside = older === 0 ? '' : ` beside ${older} of the generation that it replaces`
    const message =
      `Cluster "${name ?? ''}" has room for ${capacity} validators, and ${wanted} are wanted${beside}: ` +
      'raise its capacity, or delete the testnet first.'
    return [{ reason: 'NoRoom', message }]
  })
}
