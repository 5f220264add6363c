import type { Certificate } from '../wire/certificate.ts'
import type { Proposal } from '../wire/proposal.ts'
import { certificatesOf } from './certificate-maps.ts'
import type { Replica } from './replica.ts'
import { isCertificateValid } from './vote-check.ts'

/**
 * The block with certificates that we verified in place of those that came with it: they are outside of its hash, so a forged
 * copy of one that we hold already would otherwise get into our log. Null when one of them proves nothing.
 */
export function withSettledCertificates(replica: Replica, proposal: Proposal): Proposal | null {
  const settle = (certificate: Certificate | null): Certificate | null => {
    if (certificate === null) return null
    const own = certificatesOf(replica, certificate.kind).get(certificate.view)
    if (own?.value === certificate.value) return own
    return isCertificateValid(replica, certificate) ? certificate : null
  }
  const parentCertificate = settle(proposal.parentCertificate)
  const commitCertificate = settle(proposal.commitCertificate)
  const skipCertificates = proposal.skipCertificates.flatMap(
    (certificate) => settle(certificate) ?? [],
  )
  const isWhole =
    (parentCertificate === null) === (proposal.parentCertificate === null) &&
    (commitCertificate === null) === (proposal.commitCertificate === null) &&
    skipCertificates.length === proposal.skipCertificates.length
  return isWhole ? { ...proposal, parentCertificate, commitCertificate, skipCertificates } : null
}
