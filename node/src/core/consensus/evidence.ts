import { must } from '../errors.ts'
import type { Certificate } from '../wire/certificate.ts'
import type { VoteEvidence } from '../wire/log-record.ts'
import type { Replica } from './replica.ts'

/** Stops for good: a promise of the protocol is broken although at most f members were assumed faulty. */
export function haltReplica(
  replica: Replica,
  reason: string,
  certificates: readonly Certificate[],
): void {
  if (replica.halted) return
  replica.halted = true
  replica.emit({ kind: 'halt', reason, certificates })
}

/** Writes down, once per member and pair of kinds, two signatures that no honest member makes. Both were verified. */
export function recordEvidence(
  replica: Replica,
  accused: { readonly validator: number; readonly view: number },
  first: VoteEvidence,
  second: VoteEvidence,
): void {
  const key = `${accused.validator}/${first.kind}/${second.kind}`
  if (replica.evidenceSeen.has(key)) return
  replica.evidenceSeen.add(key)
  replica.log({ kind: 'evidence', ...accused, first, second })
  replica.emit({ kind: 'note', note: { kind: 'evidence', ...accused } })
}

/** True when a member's peer key signed these bytes. */
export function isPeerSignatureValid(
  replica: Replica,
  signer: number,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { committee, crypto } = replica.parameters
  const member = must(committee.members[signer], 'signer is a member')
  return crypto.verifyPeer(member.peerKey, message, signature)
}
