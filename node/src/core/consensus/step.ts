import {
  announceAgain,
  onBatch,
  onBatchAck,
  onBatchChecked,
  onBatchDurable,
  onPacked,
} from './batches.ts'
import { acceptCertificate } from './certificates.ts'
import { connectCommitted, deliverCommitted } from './chain.ts'
import type { Effect } from './effect.ts'
import { askForMissing, onBlocks, onCertificates, serveCertificates } from './fetching.ts'
import { onImport, onImportAck, onImportDurable } from './imports.ts'
import type { Input } from './input.ts'
import { onProposal, tryPrepare } from './proposals.ts'
import { tryPropose } from './proposing.ts'
import type { PeerMessage } from '../wire/peer-message.ts'
import { RECENT_HEIGHTS } from './parameters.ts'
import type { AfterPersist, Replica } from './replica.ts'
import { resend } from './anti-entropy.ts'
import { onViewDeadline } from './own-votes.ts'
import { onTick } from './tick.ts'
import { enterView } from './view-entry.ts'
import { onOwnVoteDurable, onVote, tryCommitVotes } from './voting.ts'

/** The host's time: one that never jumps for pace and deadlines, and the wall clock for header times only. */
export interface Clock {
  readonly monotonicMs: number
  /** Milliseconds since 1970. */
  readonly wallMs: number
}

/**
 * Advances one replica by one input: the only door of consensus. Deterministic; the replica is changed in place.
 * The host runs the effects in order and may step the next
 * input before a `persist` came back.
 */
export function step(replica: Replica, input: Input, clock: Clock): readonly Effect[] {
  if (replica.halted) return []
  replica.nowMs = clock.monotonicMs
  replica.wallMs = clock.wallMs
  handle(replica, input)
  progress(replica)
  return takeEffects(replica)
}

function handle(replica: Replica, input: Input): void {
  switch (input.kind) {
    case 'start':
      return start(replica)
    case 'message':
      return refuse(
        replica,
        input.from,
        input.message.kind,
        onMessage(replica, input.from, input.message),
      )
    case 'foreignImport':
      return refuse(replica, -1, 'foreignImport', onImport(replica, input.bundle))
    case 'timer':
      if (replica.timerSequences.get(input.name) !== input.sequence) return
      if (input.name === 'view') return onViewDeadline(replica)
      if (input.name === 'tick') return onTick(replica)
      replica.proposeAtMs = 0
      return
    case 'persisted':
      return onPersisted(replica, input.id)
    case 'batchChecked':
      return onBatchChecked(replica, input.digest, input.verdict)
    case 'packed':
      return onPacked(replica, input)
    case 'executed':
      replica.executedHeight = Math.max(replica.executedHeight, input.height)
      replica.rootsAt.set(input.height, input.roots)
      replica.rootsAt.delete(input.height - RECENT_HEIGHTS)
      return
  }
}

/** Enters the first view, or the one that the log ends in: our own recorded votes count and go out again. */
function start(replica: Replica): void {
  enterView(replica, replica.view, 'start')
  for (const own of [...replica.own.values()]) {
    for (const vote of [...own.durable.values()]) onOwnVoteDurable(replica, vote)
  }
  resend(replica)
  announceAgain(replica)
}

function refuse(
  replica: Replica,
  from: number,
  message: PeerMessage['kind'] | 'foreignImport',
  code: string | null,
): void {
  if (code !== null) replica.emit({ kind: 'note', note: { kind: 'refused', from, message, code } })
}

/** One peer message; returns why it is refused, or null. */
function onMessage(replica: Replica, from: number, message: PeerMessage): string | null {
  switch (message.kind) {
    case 'proposal':
      return onProposal(replica, from, message.proposal)
    case 'vote':
      onVote(replica, from, message.vote)
      return null
    case 'certificate':
      return acceptCertificate(replica, message.certificate) ? null : 'badCertificate'
    case 'batch':
      return onBatch(replica, from, message.signed, message.body)
    case 'batchAck':
      return onBatchAck(replica, from, message)
    case 'import':
      return onImport(replica, message.bundle)
    case 'importAck':
      return onImportAck(replica, from, message)
    case 'certificates':
      onCertificates(replica, from, message.certificates)
      return null
    case 'blocks':
      return onBlocks(replica, message.proposals, message.certificate)
    case 'fetchCertificates':
      serveCertificates(replica, from, message.first, message.last)
      return null
    case 'fetchBatch':
    case 'fetchImport':
    case 'fetchProposal':
    case 'fetchBlocks':
      return serve(replica, from, message)
  }
}

type FetchMessage = Extract<
  PeerMessage,
  { kind: 'fetchBatch' | 'fetchImport' | 'fetchProposal' | 'fetchBlocks' }
>

function serve(replica: Replica, to: number, message: FetchMessage): string | null {
  switch (message.kind) {
    case 'fetchBatch':
      replica.emit({ kind: 'serve', to, request: { kind: 'batch', digest: message.digest } })
      return null
    case 'fetchImport':
      replica.emit({ kind: 'serve', to, request: { kind: 'import', digest: message.digest } })
      return null
    case 'fetchBlocks':
      // The genesis block, of height 0, is in nobody's log.
      if (message.fromHeight < 1) return 'badHeight'
      replica.emit({
        kind: 'serve',
        to,
        request: { kind: 'blocks', fromHeight: message.fromHeight },
      })
      return null
    case 'fetchProposal': {
      const proposal = replica.blocks.get(message.hash)?.proposal
      if (proposal) replica.send([to], 'sync', { kind: 'proposal', proposal })
      else replica.emit({ kind: 'serve', to, request: { kind: 'proposal', hash: message.hash } })
      return null
    }
  }
}

/** Groups are synced in order: one answer covers every earlier one. */
function onPersisted(replica: Replica, id: number): void {
  while (replica.persists[0] !== undefined && replica.persists[0].id <= id) {
    const group = replica.persists.shift()
    for (const after of group?.after ?? []) onDurable(replica, after)
  }
}

function onDurable(replica: Replica, after: AfterPersist): void {
  switch (after.kind) {
    case 'vote':
      return onOwnVoteDurable(replica, after.vote)
    case 'batch':
      return onBatchDurable(replica, after.digest)
    case 'import':
      return onImportDurable(replica, after.digest)
    case 'proposal': {
      const entry = replica.blocks.get(after.hash)
      if (!entry?.proposal) return
      entry.durable = true
      const isOwn = entry.proposal.header.proposer === replica.parameters.self
      if (isOwn && entry.view > replica.committedView) {
        replica.send('all', 'consensus', { kind: 'proposal', proposal: entry.proposal })
      }
    }
  }
}

/** What the new state allows: finalize, deliver, vote, propose. Each is safe to try at any time. */
function progress(replica: Replica): void {
  connectCommitted(replica)
  deliverCommitted(replica)
  if (replica.halted) return
  tryCommitVotes(replica)
  tryPropose(replica)
  tryPrepare(replica)
  if (replica.fetches.size + replica.hints.size > 0) askForMissing(replica)
}

function takeEffects(replica: Replica): readonly Effect[] {
  if (replica.records.length > 0) {
    const id = replica.nextPersistId++
    replica.persists.push({ id, after: replica.afterRecords })
    replica.effects.push({ kind: 'persist', id, records: replica.records })
    replica.records = []
    replica.afterRecords = []
  }
  const effects = replica.effects
  replica.effects = []
  return effects
}
