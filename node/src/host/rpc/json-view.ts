import { encodeTransactionProof } from '../../client/proof.ts'
import { writeAccountProof, type AccountProof } from '../../core/ledger/account-proof.ts'
import { writeCellProof, type CellProof } from '../../core/ledger/cell-proof.ts'
import { ByteWriter } from '../../core/primitives/byte-writer.ts'
import { hexOf } from '../../core/primitives/bytes.ts'
import type { BlockHeader } from '../../core/wire/block.ts'
import { signersOf, type Certificate } from '../../core/wire/certificate.ts'
import { resultNameOf } from '../../core/wire/result-code.ts'
import type { Json } from './json.ts'
import type { AccountAnswer, BlockAnswer, CellAnswer, TransactionAnswer } from './validator-door.ts'

/** A certificate as people see it: signers as indices, bytes as hexadecimal text. */
export function certificateView(certificate: Certificate): Json {
  const { kind, view, value, signers, signature } = certificate
  return {
    kind,
    view,
    value,
    signers: signersOf(signers),
    signerBitmap: hexOf(signers),
    signature: hexOf(signature),
  }
}

/** A block with everything that it orders. */
export function blockView({ hash, proposal, certificate }: BlockAnswer): Json {
  const { header, body, signature } = proposal
  return {
    hash,
    ...headerView(header),
    imports: body.imports.map((item) => ({ ...item })),
    batches: body.batches.map((item) => ({ ...item })),
    proposerSignature: hexOf(signature),
    parentCertificate:
      proposal.parentCertificate === null ? null : certificateView(proposal.parentCertificate),
    certificate: certificate === null ? null : certificateView(certificate),
  }
}

function headerView(header: BlockHeader): { readonly [key: string]: Json } {
  return {
    context: header.context,
    shard: header.shard,
    epoch: header.epoch,
    view: header.view,
    height: header.height,
    parentHash: header.parentHash,
    parentView: header.parentView,
    proposer: header.proposer,
    timeMs: header.timeMs,
    executed: { height: header.executed.height, ...header.executed.roots },
    lastCommitted: { ...header.lastCommitted },
    bodyRoot: header.bodyRoot,
  }
}

/** Amounts are decimal text, because JSON readers round large numbers. */
export function accountView(account: AccountAnswer): Json {
  return {
    height: account.height,
    balance: account.balance.toString(),
    nonceBase: account.nonceBase,
    nonceBitmap: `0x${account.nonceBitmap.toString(16)}`,
    proof: account.proof === null ? null : accountProofText(account.proof),
  }
}

/** The empty text as value: there is no such cell. */
export function cellView({ height, value, proof }: CellAnswer): Json {
  return { height, value: hexOf(value), proof: proof === null ? null : cellProofText(proof) }
}

export function transactionView(answer: TransactionAnswer): Json {
  if (answer.kind === 'pending') return { status: 'pending' }
  const { height, blockHash, result, read, receipt } = answer
  return {
    status: 'executed',
    height,
    blockHash,
    result: resultNameOf(result),
    read: read === null ? null : hexOf(read),
    receipt: receipt === null ? null : hexOf(encodeTransactionProof(receipt)),
  }
}

/** Canonical bytes as hexadecimal text. */
function accountProofText(proof: AccountProof): string {
  const writer = new ByteWriter(1024)
  writeAccountProof(writer, proof)
  return hexOf(writer.finish())
}

function cellProofText(proof: CellProof): string {
  const writer = new ByteWriter(1024)
  writeCellProof(writer, proof)
  return hexOf(writer.finish())
}
