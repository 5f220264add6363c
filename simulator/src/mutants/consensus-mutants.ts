import type { Mutant } from './mutant.ts'

/** Bugs in the rules of consensus, most of which the protocol's design names one by one. */
export const CONSENSUS_MUTANTS: readonly Mutant[] = [
  {
    name: 'vote in a view at or below the committed one',
    edits: [
      {
        file: 'core/consensus/certificates.ts',
        find: 'if (certificate.view <= replica.committedView) return acceptOldCertificate(replica, certificate)',
        replace: '',
      },
      {
        file: 'core/consensus/certificates.ts',
        find: 'if (view > replica.committedView) replica.commitPending.add(view)',
        replace: 'replica.commitPending.add(view)',
      },
      {
        file: 'core/consensus/voting.ts',
        find: 'own?.skip || own?.commit || view <= replica.committedView',
        replace: 'own?.skip || own?.commit',
      },
      {
        file: 'core/consensus/own-votes.ts',
        find: 'mustHold(replica.canVote && view > replica.committedView,',
        replace: 'mustHold(replica.canVote,',
      },
    ],
  },
  {
    name: 'own vote counted before it is durable',
    edits: [
      {
        file: 'core/consensus/step.ts',
        find: 'replica.persists.push({ id, after: replica.afterRecords })',
        replace: 'for (const after of replica.afterRecords) onDurable(replica, after)',
      },
    ],
  },
  {
    name: 'certificates not logged with the vote that rests on them',
    edits: [
      {
        file: 'core/consensus/certificates.ts',
        find: "replica.log({ kind: 'certificate', certificate })",
        replace: '',
      },
    ],
  },
  {
    name: 'a re-send of a vote not yet persisted',
    edits: [
      {
        file: 'core/consensus/own-votes.ts',
        find: "replica.log({ kind: 'vote', vote }, { kind: 'vote', vote })",
        replace:
          "own.durable.set(kind, vote); replica.log({ kind: 'vote', vote }, { kind: 'vote', vote })",
      },
    ],
  },
  {
    name: 'records of a group in reverse: the vote before its certificate',
    edits: [
      {
        file: 'core/consensus/step.ts',
        find: "{ kind: 'persist', id, records: replica.records }",
        replace: "{ kind: 'persist', id, records: replica.records.toReversed() }",
      },
    ],
  },
  {
    name: "the tip's commit certificate dropped",
    edits: [
      {
        file: 'core/consensus/certificates.ts',
        find: 'if (at < view) map.delete(at)',
        replace: 'if (at <= view) map.delete(at)',
      },
    ],
  },
  {
    name: 'COMMIT after SKIP',
    edits: [
      {
        file: 'core/consensus/voting.ts',
        find: 'certificate === undefined || own?.skip || own?.commit',
        replace: 'certificate === undefined || own?.commit',
      },
      {
        file: 'core/consensus/own-votes.ts',
        find: "mustHold(own.commit === null && !own.skip, 'one COMMIT in a view, none after SKIP')",
        replace: '',
      },
    ],
  },
  {
    // The view is left with its prepare certificate, so that no deadline of a view with a COMMIT comes: a deadline for the wrong view.
    name: 'SKIP after COMMIT',
    edits: [
      {
        file: 'core/consensus/own-votes.ts',
        find: 'const { view } = replica\n',
        replace: 'const view = Math.max(1, replica.view - 1)\n',
      },
      {
        file: 'core/consensus/own-votes.ts',
        find: 'if (own.commit !== null || own.skip) return',
        replace: 'if (own.skip) return',
      },
      {
        file: 'core/consensus/own-votes.ts',
        find: 'view <= replica.committedView || replica.prepareCertificates.has(view)',
        replace: 'view <= replica.committedView',
      },
      {
        file: 'core/consensus/own-votes.ts',
        find: "mustHold(own.commit === null && !own.skip, 'no SKIP after COMMIT')",
        replace: '',
      },
    ],
  },
  {
    name: 'quorum f + 1',
    edits: [
      {
        file: 'core/wire/committee.ts',
        find: 'return size - faultyMaxOf(size)',
        replace: 'return faultyMaxOf(size) + 1',
      },
    ],
  },
  {
    name: 'one signer counted twice',
    edits: [
      {
        file: 'core/consensus/certificates.ts',
        find: 'const agreeing = [...votes].filter(([, vote]) => vote.value === value)',
        replace:
          'const once = [...votes].filter(([, vote]) => vote.value === value).sort(([a], [b]) => a - b); const agreeing = [...once.slice(0, 1), ...once]',
      },
      {
        file: 'core/consensus/vote-check.ts',
        find: 'const signers = signersOf(certificate.signers)',
        replace:
          'const once = signersOf(certificate.signers); const signers = [...once.slice(0, 1), ...once]',
      },
    ],
  },
  {
    name: 'parent rule without the skip certificates',
    isRare: true,
    edits: [
      {
        file: 'core/consensus/fetching.ts',
        find: 'if (replica.skipCertificates.has(at)) continue',
        replace: 'if (replica.skipCertificates.has(at) || at > 0) continue',
      },
      {
        file: 'core/consensus/proposing.ts',
        find: "skips.push(must(replica.skipCertificates.get(at), 'skips are complete'))",
        replace: 'skips.push(...[replica.skipCertificates.get(at)].flatMap((one) => one ?? []))',
      },
    ],
  },
  {
    name: 'inbox position judged from executed state',
    edits: [
      {
        file: 'core/consensus/proposing.ts',
        find: 'chooseImports(replica, ordering)',
        replace:
          'chooseImports(replica, replica.blocks.get(replica.tip.hash)?.ordering ?? ordering)',
      },
      {
        file: 'core/consensus/ordering.ts',
        find: "if (item.first !== next) return 'importOutOfSequence'",
        replace: "if (item.first > next) return 'importOutOfSequence'",
      },
      {
        file: 'core/consensus/ordering.ts',
        find: 'inNext[item.source] = next + item.count',
        replace: 'inNext[item.source] = item.first + item.count',
      },
    ],
  },
  {
    name: 'a time held against the own clock alone',
    isRare: true,
    edits: [
      {
        file: 'core/consensus/proposals.ts',
        find: 'Math.max(parent.timeMs + 1, replica.wallMs + CLOCK_AHEAD_MAX_MS)',
        replace: 'replica.wallMs + CLOCK_AHEAD_MAX_MS',
      },
    ],
  },
  {
    name: 'the inbox position stays where it was',
    edits: [
      {
        file: 'core/consensus/ordering.ts',
        find: 'inNext[item.source] = next + item.count',
        replace: 'inNext[item.source] = next',
      },
    ],
  },
  {
    name: 'the same batch ordered twice',
    edits: [
      {
        file: 'core/consensus/ordering.ts',
        find: 'lastSequence[batch.author] = batch.sequence',
        replace: 'lastSequence[batch.author] = last',
      },
      {
        file: 'core/consensus/ordering.ts',
        find: "if (batch.sequence !== last + 1) return 'batchOutOfSequence'",
        replace: '',
      },
    ],
  },
  {
    name: 'batches never announced again',
    edits: [
      {
        file: 'core/consensus/batches.ts',
        find: "    if (entry.status !== 'durable' || replica.nowMs - entry.announcedAtMs < pauseMs) continue\n    entry.announcedAtMs = replica.nowMs\n    announceBatch(replica, entry)",
        replace: '',
      },
    ],
  },
  {
    name: 'own recorded votes not taken over at a restart',
    edits: [
      {
        file: 'core/consensus/recovery.ts',
        find: 'own.durable.set(vote.kind, vote)',
        replace: '',
      },
    ],
  },
  {
    // The first proposal of a view, which is in the log as well, would stand for the vote.
    name: 'a restart forgets that it voted',
    edits: [
      {
        file: 'core/consensus/recovery.ts',
        find: "if (vote.kind === 'prepare') own.prepare = vote.value",
        replace: '',
      },
      {
        file: 'core/consensus/recovery.ts',
        find: 'if (!replica.proposalOfView.has(view)) replica.proposalOfView.set(view, hash)',
        replace: '',
      },
    ],
  },
  {
    name: 'a restart forgets that it skipped',
    edits: [
      {
        file: 'core/consensus/recovery.ts',
        find: "if (vote.kind === 'skip') own.skip = true",
        replace: '',
      },
    ],
  },
  {
    name: 'a restart forgets what it proposed',
    edits: [
      {
        file: 'core/consensus/recovery.ts',
        find: 'if (proposer === replica.parameters.self) replica.ownOf(view).proposed = hash',
        replace: '',
      },
    ],
  },
  {
    name: 'a restart forgets its batch numbers',
    edits: [
      {
        file: 'core/consensus/recovery.ts',
        find: 'replica.batches.ownNext = Math.max(replica.batches.ownNext, header.sequence + 1)',
        replace: 'replica.batches.ownNext = Math.max(replica.batches.ownNext, header.sequence)',
      },
    ],
  },
  {
    name: 'PREPARE without the batches on disk',
    edits: [
      {
        file: 'core/consensus/chain.ts',
        find: "if (status !== 'durable') missing",
        replace: "if (status !== 'durable' && status !== 'logging') missing",
      },
    ],
  },
  {
    name: 'a skip certificate of a final view stops the honest',
    edits: [
      {
        file: 'core/consensus/certificates.ts',
        find: '    if (commit) {\n',
        replace: '    if (final !== undefined && final !== ZERO_HASH) {\n',
      },
      {
        file: 'core/consensus/certificates.ts',
        find: '        commit,\n        certificate,\n      ])\n    }\n    return true\n  }\n  if (final',
        replace: '        certificate,\n      ])\n    }\n    return true\n  }\n  if (final',
      },
    ],
  },
]
