import type { Condition } from '../api/condition.ts'
import type { ShardStatus, TestnetStatus } from '../api/testnet-status.ts'
import { STATUS_NAMES_MAX } from '../api/testnet-status.ts'
import type { Testnet } from '../api/testnet.ts'
import type { Statement } from './conditions.ts'
import type { HubPlan, ObservedCluster } from './hub-plan.ts'
import type { ShardPlan } from './shard-plan.ts'

/** One Shard object of the network that is wanted, with what its member says. */
export interface ReportedShard {
  readonly plan: ShardPlan
  readonly status: ShardStatus
  /** The status is about what the Shard was last told to be. */
  readonly isTold: boolean
}

/** What a status is made from. */
export interface StatusWorld {
  readonly desired: Testnet
  readonly hub: HubPlan
  /** Shards of the wanted generation. */
  readonly shards: readonly ReportedShard[]
  readonly clusters: readonly (ObservedCluster & { readonly pricePerHour: string | null })[]
  readonly networkId: string | null
  readonly image: string
  readonly before: TestnetStatus
  readonly nowMs: number
}

const STEADY_AFTER_MS = 60_000

/** The figures of a status, rounded as they are shown; conditions come from `testnetStatements`. */
export function testnetStatus(world: StatusWorld): Omit<TestnetStatus, 'conditions'> {
  const { hub, shards, networkId } = world
  const statuses = shards.map(({ status }) => status)
  const validators = sumOf(hub.plan.shards.map(({ ordinals }) => ordinals.count))
  const ready = sumOf(statuses.map(({ readyValidators = 0 }) => readyValidators))
  const isGone = hub.plan.ending !== null && shards.length === 0
  const heights = statuses.flatMap(({ height }) => height ?? [])
  const { testnet, generation } = hub.plan.network
  const selector = `shardnet.dev/testnet=${testnet},app.kubernetes.io/component=validator`
  const cost = isGone ? null : costPerHour(world)
  const commits = statuses.flatMap(({ lastCommitTime }) => lastCommitTime ?? [])
  const lastCommitTime = [...commits, world.before.lastCommitTime ?? ''].sort().at(-1) ?? ''
  return {
    ...(isGone ? {} : { generation }),
    ...(networkId === null ? {} : { networkId }),
    image: world.image,
    shards: isGone ? 0 : new Set(shards.map(({ plan }) => plan.shard)).size,
    validators: isGone ? 0 : validators,
    readyValidators: ready,
    ready: isGone ? '0/0' : `${ready}/${validators}`,
    selector,
    ...(heights.length === 0 ? {} : { height: Math.min(...heights) }),
    committedPerSecond: sumOf(statuses.map((each) => each.committedPerSecond ?? 0)),
    ...p99Of(statuses),
    ...(cost === null ? {} : { costPerHour: cost }),
    ...(lastCommitTime === '' ? {} : { lastCommitTime }),
    ...(hub.plan.ending === null ? {} : { ended: hub.plan.ending }),
    ...clusterParts(world),
    worstShards: worstOf(shards),
  }
}

function p99Of(statuses: readonly ShardStatus[]): { p99?: string } {
  const slowest = statuses
    .flatMap(({ p99 }) => p99 ?? [])
    .sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10))
    .at(-1)
  return slowest === undefined ? {} : { p99: slowest }
}

/** Each cluster costs its price while it runs validators of this testnet. */
function costPerHour({ clusters, shards }: StatusWorld): string | null {
  const used = new Set(shards.map(({ plan }) => plan.cluster))
  const prices = clusters
    .filter(({ name }) => used.has(name))
    .flatMap(({ pricePerHour }) => pricePerHour ?? [])
  if (prices.length === 0) return null
  return sumOf(prices.map(Number)).toFixed(2)
}

function clusterParts({ clusters, shards }: StatusWorld): Pick<TestnetStatus, 'clusters'> {
  const parts = clusters.flatMap(({ name, isReachable }) => {
    const here = shards.filter(({ plan }) => plan.cluster === name)
    if (here.length === 0) return []
    return [
      {
        name: name ?? '',
        validators: sumOf(here.map(({ plan }) => plan.ordinals.count)),
        readyValidators: sumOf(here.map(({ status }) => status.readyValidators ?? 0)),
        reachable: isReachable,
      },
    ]
  })
  return { clusters: parts }
}

function worstOf(shards: readonly ReportedShard[]): TestnetStatus['worstShards'] {
  const lacking = shards.map(({ plan, status }) => {
    const lack = plan.ordinals.count - (status.readyValidators ?? 0)
    return { plan, status, lack }
  })
  return lacking
    .filter(({ lack }) => lack > 0)
    .sort((one, other) => other.lack - one.lack || one.plan.shard - other.plan.shard)
    .slice(0, STATUS_NAMES_MAX)
    .map(({ plan, status }) => {
      const ready = status.conditions?.find(({ type }) => type === 'Ready')
      return {
        shard: plan.shard,
        readyValidators: status.readyValidators ?? 0,
        message: (ready?.message ?? 'Nothing is known of it yet.').slice(0, 512),
      }
    })
}

/** What the conditions say: Ready, Progressing, Degraded and Steady. */
export function testnetStatements(world: StatusWorld): readonly Statement[] {
  const { hub, before } = world
  if (hub.plan.ending !== null) return endedStatements(world, hub.plan.ending)
  const ready = hub.plan.conditions.filter(({ type }) => type === 'Ready')
  const progressing = progressStatement(world)
  const degraded = degradedStatement(world)
  const forMs = (type: string, status: string): number => {
    const since = before.conditions?.find((each) => each.type === type)
    return since?.status === status ? world.nowMs - Date.parse(since.lastTransitionTime) : 0
  }
  const calmMs = Math.min(forMs('Ready', 'True'), forMs('Progressing', 'False'))
  const isCalm = progressing.status === 'False' && degraded.status === 'False'
  const isSteady =
    isCalm && ready.every(({ status }) => status === 'True') && calmMs >= STEADY_AFTER_MS
  return [
    ...ready,
    progressing,
    degraded,
    {
      type: 'Steady',
      status: isSteady ? 'True' : 'False',
      reason: isSteady ? 'NothingChanges' : 'Changing',
      message: isSteady
        ? 'All validators are ready and nothing has changed for a minute: figures can be trusted.'
        : 'Something changed within the last minute, or has yet to.',
    },
  ]
}

/** A rollout leaves all ready most of the time, and moves all the same. */
function progressStatement({ hub, shards }: StatusWorld): Statement {
  const planned = hub.plan.conditions.find(({ type }) => type === 'Progressing')
  if (planned?.status === 'True') return planned
  const rolling = shards.filter(
    ({ plan, status, isTold }) =>
      status.born === true && (!isTold || status.updatedValidators !== plan.ordinals.count),
  )
  if (rolling.length === 0) {
    const message = planned?.message ?? 'Everything is as it is wanted.'
    return { type: 'Progressing', status: 'False', reason: 'AsWanted', message }
  }
  const [first] = rolling
  const more = rolling.length > 1 ? ` and ${rolling.length - 1} more` : ''
  const message = `Validators of shard ${first?.plan.shard}${more} are being replaced, a few at a time.`
  return { type: 'Progressing', status: 'True', reason: 'RollingOut', message }
}

function degradedStatement({ hub, shards }: StatusWorld): Statement {
  const planned = hub.plan.conditions.find(({ type }) => type === 'Degraded')
  const hold = hub.holds.find(({ reason }) => reason !== 'RollingOut')
  if (hold !== undefined) {
    return { type: 'Degraded', status: 'True', reason: hold.reason, message: hold.message }
  }
  const broken = shards.flatMap(({ plan, status }) => {
    const bad = status.conditions?.find(
      (each) => each.type === 'Degraded' && each.status === 'True',
    )
    return bad === undefined ? [] : [{ plan, bad }]
  })
  const [first] = broken
  if (first !== undefined) {
    const more = broken.length > 1 ? ` (and ${broken.length - 1} more shards)` : ''
    const message = `Shard ${first.plan.shard}: ${first.bad.message}${more}`
    return { type: 'Degraded', status: 'True', reason: first.bad.reason, message }
  }
  const fine = { type: 'Degraded', status: 'False', reason: 'AsPlanned', message: 'Nothing lacks.' }
  return planned ?? { ...fine, status: 'False' as const }
}

function endedStatements({ shards }: StatusWorld, ending: string): readonly Statement[] {
  const message = `The testnet is taken down because ${ending}.`
  const isGone = shards.length === 0
  return [
    { type: 'Ready', status: 'False', reason: 'TakenDown', message },
    {
      type: 'Progressing',
      status: isGone ? 'False' : 'True',
      reason: isGone ? 'TakenDown' : 'TakingDown',
      message,
    },
    { type: 'Degraded', status: 'False', reason: 'TakenDown', message },
    { type: 'Steady', status: 'False', reason: 'TakenDown', message },
  ]
}

/** What of a status is no figure: figures are written seldom, the rest at once. */
export function testnetNews(status: TestnetStatus): object {
  const {
    height: _height,
    committedPerSecond: _rate,
    p99: _p99,
    lastCommitTime: _commit,
    worstShards: _worst,
    readyValidators: _count,
    ready: _ready,
    clusters = [],
    conditions = [],
    ...news
  } = status
  return {
    ...news,
    clusters: clusters.map((each) => ({ ...each, readyValidators: 0 })),
    conditions: conditions.map((each) => ({ ...each, message: '', lastTransitionTime: '' })),
  }
}

/** How long nothing was committed, by what was told before: survives every restart of the operator. */
export function idleMsOf(status: TestnetStatus, createdMs: number, nowMs: number): number {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  const times = [createdMs, Date.parse(status.lastCommitTime ?? '')]
  if (ready?.status === 'True') times.push(Date.parse(ready.lastTransitionTime))
  return nowMs - Math.max(...times.filter(Number.isFinite))
}

/** When to look again although nothing happened: at the end of a testnet's time, or of a condition's. */
export function nextLookMs(desired: Testnet, conditions: readonly Condition[]): number {
  const isSteady = conditions.some(({ type, status }) => type === 'Steady' && status === 'True')
  const hasClock = desired.spec.ttl !== undefined || desired.spec.idleAfter !== undefined
  if (!isSteady) return 20_000
  return hasClock ? 30_000 : 300_000
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
