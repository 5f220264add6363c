import { must } from '../errors.ts'
import { signersOf, votePreimage, type Certificate } from '../wire/certificate.ts'
import type { Vote } from '../wire/peer-message.ts'
import type { Replica } from './replica.ts'

/** n - f distinct members, no bit outside the committee, one aggregate signature over exactly this vote. */
export function isCertificateValid(replica: Replica, certificate: Certificate): boolean {
  const { size, quorum, committee, context, crypto } = replica.parameters
  if (certificate.signers.length !== Math.ceil(size / 8)) return false
  const signers = signersOf(certificate.signers)
  if (signers.length < quorum || (signers.at(-1) ?? size) >= size) return false
  const keys = signers.map((signer) => must(committee.members[signer], 'signer is a member').blsKey)
  const preimage = votePreimage(context, certificate.kind, certificate.view, certificate.value)
  return crypto.verifyAggregate(keys, preimage, certificate.signature)
}

/** Checks one vote alone: used on failure, for evidence, and for members that once sent a bad one. */
export function isVoteValid(replica: Replica, signer: number, vote: Vote): boolean {
  const { committee, context, crypto } = replica.parameters
  const member = committee.members[signer]
  if (member === undefined) return false
  return crypto.verifyAggregate(
    [member.blsKey],
    votePreimage(context, vote.kind, vote.view, vote.value),
    vote.signature,
  )
}
