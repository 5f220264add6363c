import { bytesOfHash, hashOfBytes } from '../core/primitives/hash.ts'
import { blockHashOf } from '../core/wire/block.ts'
import { pairLeafOf, type ImportBundle } from '../core/wire/import-bundle.ts'
import { messageLeafOf, rootOfMessages } from './message-tree.ts'
import type { ShardRules } from './network.ts'
import { rootOfBranch } from './own-hash.ts'

const MESSAGE_BYTES = 96

/** What a bundle breaks by its bytes alone. */
interface BundleProblem {
  readonly code: 'importMalformed' | 'importUnproved'
  readonly message: string
}

/** A bundle's message leaves, and what is wrong with it. Its certificate's signature is not looked at here. */
interface BundleCheck {
  readonly leaves: Uint8Array
  readonly problem: BundleProblem | null
}

/** Checks form, path and range proof of a bundle that a shard imported. */
export function checkBundle(
  bundle: ImportBundle,
  destination: ShardRules,
  sources: readonly ShardRules[],
): BundleCheck {
  const messages = Buffer.from(bundle.messages)
  const leaves = Array.from({ length: bundle.count }, (_, index) => {
    return messageLeafOf(messages.subarray(index * MESSAGE_BYTES, (index + 1) * MESSAGE_BYTES))
  })
  const malformed =
    headProblem(bundle, destination, sources) ?? messagesProblem(messages, bundle, destination)
  const unproved = malformed === null ? proofProblem(bundle, leaves, destination.shards) : null
  const packed = Buffer.concat(leaves)
  if (malformed !== null)
    return { leaves: packed, problem: { code: 'importMalformed', message: malformed } }
  return {
    leaves: packed,
    problem: unproved === null ? null : { code: 'importUnproved', message: unproved },
  }
}

function headProblem(
  bundle: ImportBundle,
  destination: ShardRules,
  sources: readonly ShardRules[],
): string | null {
  const { header, certificate, pair, first, count } = bundle
  const source = sources[header.shard]
  if (bundle.destination !== destination.shard) return `it is meant for shard ${bundle.destination}`
  if (source === undefined || header.shard === destination.shard)
    return `it comes from shard ${header.shard}`
  if (header.context !== source.context || header.epoch !== source.epoch)
    return 'the header is of another committee'
  const names =
    certificate.kind === 'commit' &&
    certificate.view === header.view &&
    certificate.value === blockHashOf(header)
  if (!names) return 'the certificate does not commit the header'
  return first + count > pair.outSequence
    ? `${first} + ${count} is beyond the ${pair.outSequence} sent`
    : null
}

function messagesProblem(
  messages: Buffer,
  bundle: ImportBundle,
  destination: ShardRules,
): string | null {
  for (let at = 0; at < messages.length; at += MESSAGE_BYTES) {
    const name = `message ${bundle.first + at / MESSAGE_BYTES}`
    if (messages.readUInt8(at) !== 1 || messages.readUInt32BE(at + 4) !== 0)
      return `${name} is no credit`
    if (messages.readUInt16BE(at + 2) !== bundle.header.shard) return `${name} names another source`
    const slot = messages.readUInt16BE(at + 56)
    if (slot < destination.slotFirst || slot >= destination.slotEnd)
      return `${name} pays another shard`
    const amount = messages.readBigUInt64BE(at + 88)
    if (amount === 0n || amount > BigInt(Number.MAX_SAFE_INTEGER))
      return `${name} has the amount ${amount}`
  }
  return null
}

function proofProblem(
  bundle: ImportBundle,
  leaves: readonly Uint8Array[],
  shards: number,
): string | null {
  const { pair, pairPath, header, first, count, destination } = bundle
  if (2 ** pairPath.length < shards || 2 ** (pairPath.length - 1) >= shards)
    return `a pair path of ${pairPath.length} hashes`
  const root = rootOfBranch(bytesOfHash(pairLeafOf(pair)), destination, pairPath.map(bytesOfHash))
  if (hashOfBytes(root) !== header.executed.roots.outbox)
    return 'the pair is not under the outbox root'
  if (count === 0) return bundle.proof.length === 0 ? null : 'a proof of no messages'
  const accumulator = rootOfMessages(pair.outSequence, first, leaves, bundle.proof.map(bytesOfHash))
  if (accumulator === null || hashOfBytes(accumulator) !== pair.accumulator)
    return 'the messages are not in the accumulator'
  return null
}
