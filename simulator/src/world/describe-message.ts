import type { Certificate, PeerMessage } from '@shardnet/node/parts'
import { batchDigestOf, blockHashOf, signersOf } from '@shardnet/node/parts'
import type { Frame } from './frame.ts'

/** One line about a message, for people. */
export function describeMessage(frame: Frame): string {
  const decoded = frame.decode()
  return decoded.kind === 'value'
    ? describePeerMessage(decoded.value)
    : `malformed: ${decoded.reason}`
}

/** The same of a message that is decoded. */
export function describePeerMessage(message: PeerMessage): string {
  switch (message.kind) {
    case 'proposal': {
      const { header, body } = message.proposal
      const names = `${body.batches.length} batches, ${body.imports.length} imports`
      return `proposal view ${header.view} height ${header.height} ${short(blockHashOf(header))} on view ${header.parentView}, ${names}`
    }
    case 'vote':
      return `${message.vote.kind} view ${message.vote.view} ${short(message.vote.value)}`
    case 'certificate':
      return describeCertificate(message.certificate)
    case 'batch': {
      const { author, sequence } = message.signed.header
      return `batch ${author}/${sequence} ${short(batchDigestOf(message.signed.header))}`
    }
    case 'batchAck':
      return `batchAck ${message.author}/${message.sequence} ${short(message.digest)}`
    case 'import': {
      const { header, first, count } = message.bundle
      return `import of shard ${header.shard} from ${first}, ${count} messages`
    }
    case 'importAck':
      return `importAck of shard ${message.source} from ${message.first}`
    case 'fetchBatch':
    case 'fetchImport':
      return `${message.kind} ${short(message.digest)}`
    case 'fetchProposal':
      return `fetchProposal ${short(message.hash)}`
    case 'fetchCertificates':
      return `fetchCertificates of views ${message.first} to ${message.last}`
    case 'certificates':
      return `certificates: ${message.certificates.map(describeCertificate).join(', ')}`
    case 'fetchBlocks':
      return `fetchBlocks from height ${message.fromHeight}`
    case 'blocks':
      return `${message.proposals.length} blocks`
  }
}

function describeCertificate({ kind, view, value, signers }: Certificate): string {
  return `${kind} certificate view ${view} ${short(value)} by ${signersOf(signers).join('+')}`
}

function short(hash: string): string {
  return hash.slice(0, 8)
}
