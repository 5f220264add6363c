import {
  batchDigestOf,
  blockHashOf,
  importDigestOf,
  type PeerMessage,
  type ServeRequest,
} from '@shardnet/node/parts'

/** How an answer from a log is not what was asked for; null when it is. */
export function answerFault(request: ServeRequest, answer: PeerMessage): string | null {
  switch (request.kind) {
    case 'batch': {
      const isAsked =
        answer.kind === 'batch' && batchDigestOf(answer.signed.header) === request.digest
      return isAsked ? null : 'a request for a batch with another one'
    }
    case 'import': {
      const isAsked = answer.kind === 'import' && importDigestOf(answer.bundle) === request.digest
      return isAsked ? null : 'a request for an import with another one'
    }
    case 'proposal': {
      const { kind } = answer
      const isAsked = kind === 'proposal' && blockHashOf(answer.proposal.header) === request.hash
      return isAsked ? null : 'a request for a proposal with another one'
    }
    case 'blocks':
      return blocksFault(request.fromHeight, answer)
  }
}

/** Who catches up can use only a chain that begins where its own one ends, with the certificate of its last block. */
function blocksFault(fromHeight: number, answer: PeerMessage): string | null {
  if (answer.kind !== 'blocks') return 'a request for blocks with something else'
  for (const [at, { header }] of answer.proposals.entries()) {
    if (header.height !== fromHeight + at)
      return `a request from height ${fromHeight} with block ${header.height} at place ${at}`
  }
  const last = answer.proposals.at(-1)
  const isProved = last !== undefined && answer.certificate.value === blockHashOf(last.header)
  return isProved ? null : `a request from height ${fromHeight} with a certificate of another block`
}
