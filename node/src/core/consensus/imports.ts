import { checkImportBundle } from '../crossshard/check-import-bundle.ts'
import type { Hash } from '../primitives/hash.ts'
import { importDigestOf, type ImportBundle } from '../wire/import-bundle.ts'
import type { Replica } from './replica.ts'

/** Next message of a source that the final chain takes. */
function inNextOf(replica: Replica, source: number): number {
  return replica.blocks.get(replica.tip.hash)?.ordering?.inNext[source] ?? 0
}

/** Messages above the next one that a bundle may start at: what the pair's window can hold, and then some. */
const AHEAD_MAX = 262_144

/** A bundle from another shard, or from a peer that we asked. Valid by its bytes and the genesis alone. */
export function onImport(replica: Replica, bundle: ImportBundle): string | null {
  const source = bundle.header.shard
  const digest = importDigestOf(bundle)
  const isWanted = replica.fetches.isWanted(digest)
  const known = replica.imports.get(digest)
  if (known !== undefined) return null
  if (!isWanted) {
    const fault = admissionFault(replica, source, bundle)
    if (fault !== null) return fault === 'old' ? null : fault
  }
  const { shard, networkId, committees, crypto } = replica.parameters
  const verdict = checkImportBundle(bundle, {
    ourShard: shard,
    networkId,
    committees,
    verifyAggregate: (keys, preimage, signature) =>
      crypto.verifyAggregate(keys, preimage, signature),
  })
  if (verdict.kind === 'invalid') return verdict.code
  replica.imports.ensure(digest, bundle)
  replica.fetches.settle(digest)
  replica.hints.settle(digest)
  replica.log({ kind: 'import', bundle }, { kind: 'import', digest })
  return null
}

function admissionFault(replica: Replica, source: number, bundle: ImportBundle): string | null {
  if (source >= replica.parameters.committees.length || source === replica.parameters.shard)
    return 'unknownSource'
  const next = inNextOf(replica, source)
  if (bundle.first < next) return 'old'
  if (bundle.first > next + AHEAD_MAX) return 'tooFarAhead'
  return replica.imports.hasRoom(source, bundle.first) ? null : 'tooManyBundles'
}

/** The bundle is on disk: tell our shard, so that a proposer may name it. */
export function onImportDurable(replica: Replica, digest: Hash): void {
  const entry = replica.imports.get(digest)
  if (entry === undefined) return
  entry.status = 'durable'
  entry.announcedAtMs = replica.nowMs
  replica.importAcks.add(entry.source, entry.first, digest, replica.parameters.self)
  replica.send('all', 'consensus', {
    kind: 'importAck',
    source: entry.source,
    first: entry.first,
    digest,
  })
}

/** A member has a bundle; if we never saw it, we fetch it there: only its first receivers got it from the other shard. */
export function onImportAck(
  replica: Replica,
  from: number,
  ack: { readonly source: number; readonly first: number; readonly digest: Hash },
): string | null {
  if (ack.source >= replica.parameters.committees.length) return 'unknownSource'
  if (
    ack.first < inNextOf(replica, ack.source) ||
    ack.first > inNextOf(replica, ack.source) + AHEAD_MAX
  )
    return null
  replica.importAcks.add(ack.source, ack.first, ack.digest, from)
  if (replica.imports.get(ack.digest) === undefined)
    replica.hints.want('import', ack.digest, [from])
  return null
}
