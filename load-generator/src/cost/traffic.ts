import { faultyMaxOf } from '@shardnet/node/core'
import { endsOf, pairsOf } from '../analysis/resource-use.ts'
import type { Reading } from '../resources/reading.ts'
import type { LinkTraffic } from './cost.ts'

/** Where a validator runs. */
export type PlaceOf = (shard: number, validator: number) => string

/** Traffic that a load is expected to make. */
export interface TrafficEstimate {
  readonly shards: number
  readonly validatorsPerShard: number
  readonly placeOf: PlaceOf
  readonly committed: number
  readonly transactionBytes: number
  /** Share of cross-shard transactions, from 0 to 1. */
  readonly crossShard: number
}

/** What votes, acknowledgements and headers add to the bytes of a batch, as a factor. */
const PROTOCOL_FACTOR = 1.4
/** Bytes of one message of an outbox with its share of the proof. */
const MESSAGE_BYTES = 160

/** Bytes between places before a run: every member of a shard gets each batch once; f + 1 relays push each message. */
export function estimatedTraffic(estimate: TrafficEstimate): readonly LinkTraffic[] {
  const { shards, validatorsPerShard, placeOf, committed, transactionBytes, crossShard } = estimate
  const links = new Map<string, number>()
  const perShard = committed / shards
  for (let shard = 0; shard < shards; shard++) {
    const counts = new Map<string, number>()
    for (let validator = 0; validator < validatorsPerShard; validator++) {
      const place = placeOf(shard, validator)
      counts.set(place, (counts.get(place) ?? 0) + 1)
    }
    // Each validator is the author of an equal part, and sends it to all others.
    const bytesPerPair = (perShard * transactionBytes * PROTOCOL_FACTOR) / validatorsPerShard
    for (const [from, senders] of counts)
      for (const [to, receivers] of counts) add(links, from, to, bytesPerPair * senders * receivers)
    if (shards < 2) continue
    const messageBytes =
      (perShard * crossShard * MESSAGE_BYTES * (faultyMaxOf(validatorsPerShard) + 1)) / (shards - 1)
    for (let other = 0; other < shards; other++)
      if (other !== shard) add(links, placeOf(shard, 0), placeOf(other, 0), messageBytes)
  }
  return linksOf(links, false)
}

/**
 * Bytes between places after a run, from what each validator says it sent: consensus, data and sync go to the members of
 * its shard in equal parts, cross-shard bundles to the other shards. What was read of a sample stands for all.
 */
export function measuredTraffic(
  readings: readonly Reading[],
  size: { readonly shards: number; readonly validatorsPerShard: number },
  placeOf: PlaceOf,
): readonly LinkTraffic[] {
  const first = readings[0]
  const last = readings.at(-1)
  const ends = endsOf(readings, { fromMs: first?.atMs ?? 0, toMs: last?.atMs ?? 0 })
  if (ends === null) return []
  const pairs = pairsOf(ends.first, ends.last)
  const { shards, validatorsPerShard } = size
  const scale = (shards * validatorsPerShard) / Math.max(1, pairs.length)
  const links = new Map<string, number>()
  for (const { before, after } of pairs) {
    const { shard, validator } = after
    const sent = (purpose: keyof typeof after.sentBytes): number =>
      Math.max(0, after.sentBytes[purpose] - before.sentBytes[purpose]) * scale
    const inside = (sent('consensus') + sent('data') + sent('sync')) / (validatorsPerShard - 1)
    const from = placeOf(shard, validator)
    for (let peer = 0; peer < validatorsPerShard; peer++)
      if (peer !== validator) add(links, from, placeOf(shard, peer), inside)
    for (let other = 0; other < shards; other++)
      if (other !== shard)
        add(links, from, placeOf(other, validator), sent('crossshard') / (shards - 1))
  }
  return linksOf(links, true)
}

function add(links: Map<string, number>, from: string, to: string, bytes: number): void {
  if (from === to || bytes <= 0) return
  const key = `${from}\n${to}`
  links.set(key, (links.get(key) ?? 0) + bytes)
}

function linksOf(links: ReadonlyMap<string, number>, isMeasured: boolean): readonly LinkTraffic[] {
  return [...links].map(([key, bytes]) => {
    const [from = '', to = ''] = key.split('\n')
    return { from, to, bytes, isMeasured }
  })
}
