import type { Json } from '../rpc/json.ts'
import type { PeerAnswer, ValidatorIdentity, ValidatorStatus } from '../rpc/validator-door.ts'
import { SECONDS_MAX, type LiveRecord, type Sample } from './live-book.ts'

/** Messages on their way from this shard to another one. */
export interface OutboxReading {
  readonly shard: number
  readonly inFlight: number
}

/** Everything that the live page shows, as the validator knows it at one moment. */
export interface LiveReading {
  readonly identity: ValidatorIdentity
  readonly status: ValidatorStatus
  /** Wall clock, for people. */
  readonly timeMs: number
  readonly record: LiveRecord
  readonly peers: readonly PeerAnswer[]
  readonly outboxes: readonly OutboxReading[]
}

/** Changes when a field changes its meaning or goes. */
const VIEW_VERSION = 1
const WINDOW_SECONDS = SECONDS_MAX - 1
/** Longer lists would be read by nobody; the answer says how many there are. */
const PEERS_MAX = 128
const SHARDS_MAX = 128
const ERROR_LENGTH_MAX = 160

/** The answer of `GET /live/data.json`: bounded in size, whatever the network. Pure. */
export function liveView(reading: LiveReading): Json {
  const { identity, status, timeMs, record } = reading
  return {
    version: VIEW_VERSION,
    ...identity,
    ...status,
    timeMs,
    upSeconds: Math.floor((record.nowMs - record.startedAtMs) / 1000),
    throughput: throughputOf(record),
    latency: {
      windowSeconds: WINDOW_SECONDS,
      commit: latencyOf(record.commitSamples, record.nowMs),
      ownBatches: latencyOf(record.batchSamples, record.nowMs),
    },
    shardList: shardsOf(reading),
    peers: peersOf(reading),
    blocks: record.blocks.map((row) => ({ ...row })),
    transactions: record.transactions.map((row) => ({ ...row })),
  }
}

/** By whole second, oldest first, without the one that is under way; shorter when the process is younger. */
function throughputOf({ nowMs, startedAtMs, committedBySecond, committedTotal }: LiveRecord): Json {
  const current = Math.floor(nowMs / 1000)
  const first = Math.max(current - WINDOW_SECONDS, Math.floor(startedAtMs / 1000))
  const perSecond = Array.from(
    { length: current - first },
    (_, index) => committedBySecond.get(first + index) ?? 0,
  )
  return { perSecond, committedTotal }
}

function latencyOf(samples: readonly Sample[], nowMs: number): Json {
  const ages = samples
    .filter(({ atMs }) => atMs > nowMs - WINDOW_SECONDS * 1000)
    .map(({ ms }) => ms)
    .sort((a, b) => a - b)
  const at = (share: number): number | null => ages[Math.ceil(share * ages.length) - 1] ?? null
  const [medianMs, p99Ms] = [at(0.5), at(0.99)]
  return medianMs === null ? null : { count: ages.length, medianMs, p99Ms }
}

/** This shard first, then the others in order, with what they proved to this one. */
function shardsOf({ identity, status, record, peers, outboxes }: LiveReading): Json {
  const connected = new Map<number, number>()
  for (const { shard, isConnected } of peers)
    if (isConnected) connected.set(shard, (connected.get(shard) ?? 0) + 1)
  const inFlight = new Map(outboxes.map((outbox) => [outbox.shard, outbox.inFlight]))
  const others = Array.from({ length: identity.shards }, (_, shard) => shard)
    .filter((shard) => shard !== identity.shard)
    .slice(0, SHARDS_MAX - 1)
  const own = {
    shard: identity.shard,
    height: status.committedHeight,
    heardSecondsAgo: null,
    inFlight: null,
    connectedPeers: connected.get(identity.shard) ?? 0,
  }
  const rows = others.map((shard) => {
    const heard = record.heardShards.get(shard)
    return {
      shard,
      height: heard?.height ?? null,
      heardSecondsAgo: heard === undefined ? null : Math.floor((record.nowMs - heard.atMs) / 1000),
      inFlight: inFlight.get(shard) ?? 0,
      connectedPeers: connected.get(shard) ?? 0,
    }
  })
  return [own, ...rows]
}

/** The members of this shard; when not all fit, those that are gone first. */
function peersOf({ identity, record, peers }: LiveReading): Json {
  const members = peers.filter(({ shard }) => shard === identity.shard)
  const isLong = members.length > PEERS_MAX
  const sorted = isLong
    ? members.toSorted((a, b) => Number(a.isConnected) - Number(b.isConnected))
    : members
  return sorted
    .slice(0, PEERS_MAX)
    .map(({ validator, address, isConnected, queuedBytes, lastError }) => ({
      validator,
      address,
      isConnected,
      queuedBytes,
      lastError: lastError?.slice(0, ERROR_LENGTH_MAX) ?? null,
      proposedHeight: record.proposedHeights.get(validator) ?? null,
    }))
}
