import type { Shard } from '../api/shard.ts'
import type { ShardStatus } from '../api/testnet-status.ts'
import { momentText, type Statement } from './conditions.ts'
import type { Trouble } from './pod-trouble.ts'

/** What the StatefulSet of a Shard says of its pods. */
export interface SetReport {
  readonly ready: number
  readonly updated: number
  /** The pods that it wants to have, by its own last look, are those of the newest specification. */
  readonly isCurrent: boolean
}

/** What validators told when they were asked. */
export interface Figures {
  readonly height: number | null
  readonly lag: number | null
  readonly committedPerSecond: number | null
  readonly p99Ms: number | null
  readonly lastCommitMs: number | null
}

export const NO_FIGURES: Figures = {
  height: null,
  lag: null,
  committedPerSecond: null,
  p99Ms: null,
  lastCommitMs: null,
}

/** What a Shard's status is made from. */
export interface ShardWorld {
  readonly shard: Shard
  /** Null while there is no StatefulSet. */
  readonly set: SetReport | null
  readonly trouble: Trouble | null
  readonly figures: Figures
  readonly gateways: NonNullable<ShardStatus['gateways']>
  readonly before: ShardStatus
}

/** The status of a Shard without its conditions, rounded as it is shown. */
export function shardStatus(world: ShardWorld): Omit<ShardStatus, 'conditions'> {
  const { shard, set, figures, before } = world
  const validators = shard.spec.ordinals.count
  const ready = set?.ready ?? 0
  const commit =
    figures.lastCommitMs === null ? before.lastCommitTime : momentText(figures.lastCommitMs)
  return {
    validators,
    readyValidators: ready,
    updatedValidators: set?.isCurrent === true ? set.updated : 0,
    ready: `${ready}/${validators}`,
    born: before.born === true || isBorn(world),
    ...(figures.height === null ? kept(before, 'height') : { height: figures.height }),
    ...(figures.lag === null ? {} : { lag: figures.lag }),
    ...(figures.committedPerSecond === null
      ? {}
      : { committedPerSecond: twoDigits(figures.committedPerSecond) }),
    ...(figures.p99Ms === null ? {} : { p99: `${twoDigits(figures.p99Ms)}ms` }),
    ...(commit === undefined ? {} : { lastCommitTime: commit }),
    ...(world.gateways.length === 0 ? {} : { gateways: world.gateways }),
  }
}

/** All validators were ready at once: from then on each of them has votes that it must not forget. */
export function isBorn({ shard, set }: Pick<ShardWorld, 'shard' | 'set'>): boolean {
  return set !== null && set.isCurrent && set.ready >= shard.spec.ordinals.count
}

/**
 * Whether a budget of so many may have something to allow. Before that it is not made: the cluster's own controller would
 * count all pods of a set anew with each that comes.
 */
export function needsBudget(
  { shard, set, before }: Pick<ShardWorld, 'shard' | 'set' | 'before'>,
  maxUnavailable: number,
): boolean {
  if (before.born === true) return true
  return set !== null && set.ready + maxUnavailable >= shard.spec.ordinals.count
}

function kept(before: ShardStatus, field: 'height'): { height?: number } {
  const value = before[field]
  return value === undefined ? {} : { [field]: value }
}

/** Two digits that count: a figure that flickers in its third is not news. */
function twoDigits(value: number): number {
  return Math.round(Number(value.toPrecision(2)))
}

/** What a Shard's conditions say. */
export function shardStatements({ shard, set, trouble, before }: ShardWorld): readonly Statement[] {
  const wanted = shard.spec.ordinals.count
  const ready = set?.ready ?? 0
  const isReady = set !== null && set.isCurrent && ready >= wanted
  const isUpdated = set !== null && set.isCurrent && set.updated >= wanted
  // Before all of them were up once there is nothing to roll over.
  const isRollOut = !isUpdated && before.born === true
  const count = `${ready} of ${wanted} validators are ready`
  return [
    {
      type: 'Ready',
      status: isReady ? 'True' : 'False',
      reason: isReady ? 'AllValidatorsReady' : (trouble?.reason ?? 'StartingValidators'),
      message: trouble === null ? `${count}.` : `${count}. ${trouble.message}`,
    },
    {
      type: 'Progressing',
      status: isReady && isUpdated ? 'False' : 'True',
      reason: isUpdated && isReady ? 'AsWanted' : isRollOut ? 'RollingOut' : 'StartingValidators',
      message: isUpdated
        ? `${count}.`
        : `${set?.updated ?? 0} of ${wanted} validators run what is wanted.`,
    },
    trouble === null
      ? { type: 'Degraded', status: 'False', reason: 'AsPlanned', message: 'Nothing lacks.' }
      : { type: 'Degraded', status: 'True', reason: trouble.reason, message: trouble.message },
  ]
}

/** What is not a figure: gateways, and what the conditions claim. How many are ready on the way to all is one. */
export function shardNews(status: ShardStatus): unknown {
  const { born, gateways = [], conditions = [] } = status
  const claims = conditions
    .map(({ type, status: value, reason }) => `${type} ${value} ${reason}`)
    .sort()
  return [born, gateways, claims, status.observedGeneration]
}
