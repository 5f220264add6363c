import type { Effect } from '../../src/core/consensus/effect.ts'
import { ZERO_HASH, type Hash } from '../../src/core/primitives/hash.ts'
import { batchDigestOf } from '../../src/core/wire/batch.ts'
import { blockHashOf } from '../../src/core/wire/block.ts'
import type { LogRecord } from '../../src/core/wire/log-record.ts'
import type { PeerMessage } from '../../src/core/wire/peer-message.ts'

/** What a host answers from its log to a peer that asks; null when it has not got it. */
export function answerFromLog(
  records: readonly LogRecord[],
  request: Extract<Effect, { kind: 'serve' }>['request'],
  committed: readonly Hash[],
): PeerMessage | null {
  const proposals = new Map(
    records.flatMap((one) =>
      one.kind === 'proposal' ? [[blockHashOf(one.proposal.header), one.proposal] as const] : [],
    ),
  )
  switch (request.kind) {
    case 'batch': {
      const found = records.find(
        (one) => one.kind === 'batch' && batchDigestOf(one.signed.header) === request.digest,
      )
      return found?.kind === 'batch'
        ? { kind: 'batch', signed: found.signed, body: found.body }
        : null
    }
    case 'proposal': {
      const proposal = proposals.get(request.hash)
      return proposal === undefined ? null : { kind: 'proposal', proposal }
    }
    case 'blocks': {
      const certificates = new Map(
        records.flatMap((one) =>
          one.kind === 'certificate' && one.certificate.kind === 'commit'
            ? [[one.certificate.value, one.certificate] as const]
            : [],
        ),
      )
      let end = Math.min(committed.length, request.fromHeight + 255)
      while (end >= request.fromHeight && !certificates.has(committed[end - 1] ?? ZERO_HASH)) end--
      const hashes = committed.slice(request.fromHeight - 1, end)
      const certificate = certificates.get(hashes.at(-1) ?? ZERO_HASH)
      const range = hashes.flatMap((hash) => proposals.get(hash) ?? [])
      return certificate === undefined || range.length !== hashes.length
        ? null
        : { kind: 'blocks', proposals: range, certificate }
    }
    case 'import':
      return null
  }
}
