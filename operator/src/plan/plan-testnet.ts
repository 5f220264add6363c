import { isDeepStrictEqual } from 'node:util'
import { durationMs } from '../api/field.ts'
import type { Testnet } from '../api/testnet.ts'
import type { Action, PlannedCondition } from './action.ts'
import { isSameNetwork, type NetworkPlan, networkPlanOf } from './network-plan.ts'
import type { ObservedGeneration, ObservedTestnet } from './observed.ts'
import { survivesOneCluster } from './placement.ts'
import { placeOf, shardPlansOf, type ShardPlan } from './shard-plan.ts'

/** What should be, and the next steps towards it. */
export interface Plan {
  /** The generation that should run. */
  readonly network: NetworkPlan
  /** All of its sets of validators. */
  readonly shards: readonly ShardPlan[]
  /** What to do now. Empty when everything is as it should be, or when the next step waits for validators. */
  readonly actions: readonly Action[]
  readonly conditions: readonly PlannedCondition[]
  /** Why the testnet is being taken down, or null. */
  readonly ending: string | null
}

/**
 * Decides the next steps from what is wanted to what was found. Pure and level-based: the same two values give the same
 * plan, and a plan carried out in full leads to one without actions.
 */
export function planTestnet(desired: Testnet, observed: ObservedTestnet): Plan {
  const network = targetNetwork(desired, observed)
  const shards = shardPlansOf(desired, network)
  const ending = endingOf(desired, observed)
  const conditions = conditionsOf(desired, observed, shards)
  const plan = { network, shards, conditions, ending }
  if (desired.spec.paused && observed.isDeleted !== true) return { ...plan, actions: [] }
  if (ending !== null) return { ...plan, actions: removals(desired, observed.generations) }
  return {
    ...plan,
    actions: [...creations(observed, network, shards), ...replacements(desired, observed, shards)],
  }
}

/** The newest generation where it is what is wanted, else the one after it. */
function targetNetwork(desired: Testnet, observed: ObservedTestnet): NetworkPlan {
  const newest = observed.generations.at(-1)
  const generation = newest?.network.generation ?? 0
  const next = Math.max(generation, observed.lastGeneration ?? 0) + 1
  if (newest === undefined) return networkPlanOf(desired, next)
  const wanted = networkPlanOf(desired, generation)
  return isGeneration(newest, desired, wanted) ? wanted : networkPlanOf(desired, next)
}

/** A generation is the wanted one when genesis and places are: disks hold a ledger and do not move. */
function isGeneration(found: ObservedGeneration, desired: Testnet, wanted: NetworkPlan): boolean {
  if (!isSameNetwork(found.network, wanted)) return false
  const places = new Set(shardPlansOf(desired, wanted).map(placeOf))
  return found.shards.every(({ plan }) => places.has(placeOf(plan)))
}

function creations(
  observed: ObservedTestnet,
  network: NetworkPlan,
  shards: readonly ShardPlan[],
): readonly Action[] {
  const found = generationOf(observed, network)
  const create: readonly Action[] = found === undefined ? [{ kind: 'createNetwork', network }] : []
  const known = new Map(found?.shards.map(({ plan }) => [placeOf(plan), plan]))
  const apply = shards
    .filter((shard) => !isDeepStrictEqual(known.get(placeOf(shard)), shard))
    .map((shard): Action => ({ kind: 'applyShard', shard }))
  return [...create, ...apply]
}

/**
 * The oldest generation serves until the wanted one is ready, and is removed then. One between them was never ready
 * (else the oldest would be gone), so it goes at once.
 */
function replacements(
  desired: Testnet,
  observed: ObservedTestnet,
  shards: readonly ShardPlan[],
): readonly Action[] {
  const target = shards[0]?.network
  const others = observed.generations.filter(
    (each) => each.network.generation !== target?.generation,
  )
  return removals(desired, isReady(observed, shards) ? others : others.slice(1))
}

function removals(desired: Testnet, generations: readonly ObservedGeneration[]): readonly Action[] {
  const data = desired.spec.storage.retention
  return generations.flatMap(({ network, shards }): readonly Action[] => {
    if (shards.length === 0) return [{ kind: 'removeNetwork', network, data }]
    return shards.map(({ plan }): Action => ({ kind: 'removeShard', shard: plan, data }))
  })
}

function generationOf(
  observed: ObservedTestnet,
  network: NetworkPlan,
): ObservedGeneration | undefined {
  return observed.generations.find((each) => each.network.generation === network.generation)
}

function readyCount(observed: ObservedTestnet, shards: readonly ShardPlan[]): number {
  const [first] = shards
  const found = first === undefined ? undefined : generationOf(observed, first.network)
  return (found?.shards ?? []).reduce((sum, shard) => sum + shard.readyValidators, 0)
}

function wantedCount(shards: readonly ShardPlan[]): number {
  return shards.reduce((sum, shard) => sum + shard.ordinals.count, 0)
}

function isReady(observed: ObservedTestnet, shards: readonly ShardPlan[]): boolean {
  return readyCount(observed, shards) >= wantedCount(shards)
}

function endingOf(desired: Testnet, observed: ObservedTestnet): string | null {
  if (observed.isDeleted === true) return 'it was deleted'
  const { ttl, idleAfter } = desired.spec
  if (ttl !== undefined && observed.ageMs >= durationMs(ttl))
    return `it is older than its ttl of ${ttl}`
  if (idleAfter !== undefined && observed.idleMs >= durationMs(idleAfter)) {
    return `it committed nothing for its idleAfter of ${idleAfter}`
  }
  return null
}

function conditionsOf(
  desired: Testnet,
  observed: ObservedTestnet,
  shards: readonly ShardPlan[],
): readonly PlannedCondition[] {
  const ready = readyCount(observed, shards)
  const wanted = wantedCount(shards)
  const message = `${ready} of ${wanted} validators are ready`
  const isAll = ready >= wanted
  const replaced = observed.generations.some(
    (each) => each.network.generation !== shards[0]?.network.generation,
  )
  const progress = desired.spec.paused
    ? 'Paused'
    : replaced
      ? 'ReplacingGeneration'
      : 'StartingValidators'
  const isSpread = survivesOneCluster(desired)
  return [
    {
      type: 'Ready',
      status: isAll ? 'True' : 'False',
      reason: isAll ? 'AllValidatorsReady' : progress,
      message,
    },
    {
      type: 'Progressing',
      status: isAll && !replaced ? 'False' : 'True',
      reason: progress,
      message,
    },
    isSpread
      ? {
          type: 'Degraded',
          status: 'False',
          reason: 'AsPlanned',
          message: 'The placement is as it was asked for.',
        }
      : {
          type: 'Degraded',
          status: 'True',
          reason: 'TooFewClusters',
          message:
            'The loss of one cluster can stop a shard: more clusters are needed to have at most f of it in each.',
        },
  ]
}
