import blst from '@chainsafe/blst'
import { verify } from 'node:crypto'
import { decodeWith } from '../core/primitives/byte-reader.ts'
import { bytesOfHash } from '../core/primitives/hash.ts'
import { batchDigestOf, readBatchHeader } from '../core/wire/batch.ts'
import { blockHashOf, readBlockHeader } from '../core/wire/block.ts'
import { votePreimage } from '../core/wire/certificate.ts'
import type { LogRecord, VoteEvidence } from '../core/wire/log-record.ts'
import type { ShardRules } from './network.ts'

type Evidence = Extract<LogRecord, { kind: 'evidence' }>

/** Why an evidence record proves nothing; null when it proves that its validator signed two things that exclude each other. */
export function evidenceProblem(evidence: Evidence, rules: ShardRules): string | null {
  const { first, second, validator, view } = evidence
  if (validator >= rules.size) return 'the accused has no seat'
  if (!excludeEachOther(first, second)) return 'the two signatures do not exclude each other'
  const forged = [first, second].find((side) => !isSignedBy(side, { validator, view }, rules))
  return forged === undefined ? null : `the accused did not sign the ${forged.kind}`
}

function excludeEachOther(first: VoteEvidence, second: VoteEvidence): boolean {
  if (first.kind === second.kind) return first.value !== second.value
  const kinds = new Set([first.kind, second.kind])
  return kinds.has('commit') && kinds.has('skip')
}

function isSignedBy(
  side: VoteEvidence,
  by: { validator: number; view: number },
  rules: ShardRules,
): boolean {
  if (side.kind === 'proposal' || side.kind === 'batch') {
    const key = rules.peerKeys[by.validator]
    return (
      key !== undefined &&
      isHeaderOf(side, by, rules) &&
      verify(null, bytesOfHash(side.value), key, side.signature)
    )
  }
  const key = rules.blsKeys[by.validator]
  if (key === undefined) return false
  try {
    const signature = blst.Signature.fromBytes(side.signature, true, true)
    return blst.verify(votePreimage(rules.context, side.kind, by.view, side.value), key, signature)
  } catch {
    // Bytes that are no point of the group: not a signature.
    return false
  }
}

/** True when the hash is that of a header at the accused's own place: two honest headers at two places exclude nothing. */
function isHeaderOf(
  { kind, value, header }: VoteEvidence,
  { validator, view }: { validator: number; view: number },
  rules: ShardRules,
): boolean {
  if (kind === 'proposal') {
    const decoded = decodeWith(header, readBlockHeader)
    if (decoded.kind === 'malformed' || blockHashOf(decoded.value) !== value) return false
    const { context, proposer, view: at } = decoded.value
    return context === rules.context && proposer === validator && at === view
  }
  const decoded = decodeWith(header, readBatchHeader)
  if (decoded.kind === 'malformed' || batchDigestOf(decoded.value) !== value) return false
  const { networkId, shard, author, sequence } = decoded.value
  return (
    networkId === rules.networkId &&
    shard === rules.shard &&
    author === validator &&
    sequence === view
  )
}
