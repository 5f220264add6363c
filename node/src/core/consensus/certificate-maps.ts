import type { Certificate, VoteKind } from '../wire/certificate.ts'
import type { Replica } from './replica.ts'

/** The certificates of one kind that a replica holds, by view. */
export function certificatesOf(replica: Replica, kind: VoteKind): Map<number, Certificate> {
  switch (kind) {
    case 'prepare':
      return replica.prepareCertificates
    case 'skip':
      return replica.skipCertificates
    case 'commit':
      return replica.commitCertificates
  }
}

/** A commit certificate proves all that a prepare certificate of the same view and block does. */
export function parentCertificateAt(replica: Replica, view: number): Certificate | undefined {
  return replica.prepareCertificates.get(view) ?? replica.commitCertificates.get(view)
}

/** The newest certificate of each kind: they bring anybody who is behind into our view. */
export function highestCertificates(replica: Replica) {
  return (['prepare', 'skip', 'commit'] as const).flatMap((kind) => {
    const map = certificatesOf(replica, kind)
    let highest = -1
    for (const view of map.keys()) if (view > highest) highest = view
    const certificate = map.get(highest)
    return certificate === undefined ? [] : [certificate]
  })
}
