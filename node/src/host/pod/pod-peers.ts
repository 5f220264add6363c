import type { Genesis } from '../../config/genesis-document.ts'
import type { PeerAddress } from '../../config/node-config.ts'
import type { ClusterBook, PodConfig } from './pod-config.ts'

/** Where validators listen for each other in every pod. */
export const POD_P2P_PORT = 9_000

/**
 * The address book of a pod: everybody by name while there is one cluster, else those at home by name and those abroad
 * by their gateways. Pure.
 */
export function podPeers(
  { shards, validatorsPerShard }: Pick<Genesis, 'shards' | 'validatorsPerShard'>,
  { peerHost }: Pick<PodConfig, 'peerHost'>,
  book: ClusterBook | null,
): readonly PeerAddress[] {
  const all = Array.from({ length: shards }, (_, shard) => {
    return { shard, start: 0, count: validatorsPerShard }
  })
  const byName = (book?.local ?? all).flatMap(({ shard, start, count }) =>
    Array.from({ length: count }, (_, index): PeerAddress => {
      const validator = start + index
      const host = peerHost
        .replaceAll('{shard}', String(shard))
        .replaceAll('{validator}', String(validator))
      return { shard, validator, address: `${host}:${POD_P2P_PORT}` }
    }),
  )
  const known = new Set(byName.map(seatOf))
  const abroad = (book?.gateways ?? []).filter((gateway) => !known.has(seatOf(gateway)))
  return [...byName, ...abroad]
}

function seatOf({ shard, validator }: Pick<PeerAddress, 'shard' | 'validator'>): string {
  return `${shard}/${validator}`
}
