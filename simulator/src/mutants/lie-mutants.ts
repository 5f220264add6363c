import type { Mutant } from './mutant.ts'

/** Checks of what others say that are left out: bugs that only liars show. */
export const LIE_MUTANTS: readonly Mutant[] = [
  {
    // There is no cache of checks: who believes by view and kind what has to be believed by signature has this bug.
    name: 'check cache keyed without the signature',
    edits: [
      {
        file: 'core/consensus/vote-check.ts',
        find: 'return crypto.verifyAggregate(keys, preimage, certificate.signature)',
        replace: 'return keys.length > 0 && preimage.length > 0',
      },
    ],
  },
  {
    name: 'rogue-key proof of possession accepted',
    edits: [
      {
        file: 'config/possession.ts',
        find: 'return blst.verifyMultipleAggregateSignatures(sets)',
        replace: 'return sets.length > 0',
      },
    ],
  },
  {
    name: 'votes of any view are kept',
    edits: [
      {
        file: 'core/consensus/voting.ts',
        find: 'if (vote.view > replica.view + 4 * size) return',
        replace: 'if (vote.view > replica.view + 400 * size) return',
      },
    ],
  },
  {
    name: 'a member may announce without end',
    edits: [
      {
        file: 'core/consensus/announcements.ts',
        find: 'if (said.length > PLACES_MAX) said.pop()',
        replace: 'if (said.length > 1000 * PLACES_MAX) said.pop()',
      },
    ],
  },
  {
    name: 'a signature of a peer taken for good',
    edits: [
      {
        file: 'core/consensus/evidence.ts',
        find: 'return crypto.verifyPeer(member.peerKey, message, signature)',
        replace: 'return crypto.verifyPeer(member.peerKey, message, signature) || true',
      },
    ],
  },
  {
    name: 'signers outside of the committee',
    edits: [
      {
        file: 'core/consensus/vote-check.ts',
        find: 'if (signers.length < quorum || (signers.at(-1) ?? size) >= size) return false',
        replace: 'if (signers.length < quorum) return false',
      },
    ],
  },
  {
    name: 'a bundle whose range is not proved',
    edits: [
      {
        file: 'core/crossshard/check-import-bundle.ts',
        find: "if (!isRangeProved(bundle)) return 'badRangeProof'",
        replace: '',
      },
    ],
  },
  {
    name: 'a bundle whose header nobody committed',
    edits: [
      {
        file: 'core/crossshard/check-import-bundle.ts',
        find: "return isSigned ? null : 'badSignature'",
        replace: 'return isSigned ? null : null',
      },
    ],
  },
  {
    name: 'the height of a request believed',
    isRare: true,
    edits: [
      {
        file: 'core/consensus/step.ts',
        find: "if (message.fromHeight < 1) return 'badHeight'",
        replace: '',
      },
    ],
  },
  {
    name: 'a range of blocks whose last certificate is not checked',
    isRare: true,
    edits: [
      {
        file: 'core/consensus/fetching.ts',
        find: "if (!isCertificateValid(replica, certificate)) return 'badCertificate'",
        replace: '',
      },
    ],
  },
]
