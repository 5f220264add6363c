import type { MetricCatalogue } from './metric-definition.ts'
import { latencySeconds, shortSeconds, sizes } from './buckets.ts'

const votes = ['prepare', 'commit', 'skip'] as const

const consensus = {
  view: {
    kind: 'gauge',
    name: 'shardnet_consensus_view',
    isLean: true,
    help: 'View that this replica is in.',
  },
  height: {
    kind: 'gauge',
    name: 'shardnet_consensus_committed_height',
    isLean: true,
    help: 'Height of the newest committed block.',
  },
  viewsEntered: {
    kind: 'counter',
    name: 'shardnet_consensus_views_total',
    help: 'Views entered, by what ended the one before.',
    labels: { reason: ['start', 'prepare', 'skip', 'commit'] },
  },
  skips: {
    kind: 'counter',
    name: 'shardnet_consensus_skips_total',
    isLean: true,
    help: 'Views closed by a skip certificate, by who was to propose.',
    labels: { proposer: ['self', 'other'] },
  },
  votes: {
    kind: 'counter',
    name: 'shardnet_consensus_votes_total',
    help: 'Votes that this validator cast.',
    labels: { vote: votes },
  },
  proposals: {
    kind: 'counter',
    name: 'shardnet_consensus_proposals_total',
    isLean: true,
    help: 'Blocks that this validator proposed, by whether they order anything.',
    labels: { content: ['empty', 'full'] },
  },
  refusedMessages: {
    kind: 'counter',
    name: 'shardnet_consensus_refused_messages_total',
    help: 'Messages of peers that the replica refused, by kind.',
    labels: {
      message: [
        'proposal',
        'vote',
        'certificate',
        'batch',
        'batchAck',
        'import',
        'importAck',
        'fetchBatch',
        'fetchImport',
        'fetchProposal',
        'fetchCertificates',
        'certificates',
        'fetchBlocks',
        'blocks',
        'foreignImport',
        'undecodable',
      ],
    },
  },
  evidence: {
    kind: 'counter',
    name: 'shardnet_consensus_evidence_total',
    isLean: true,
    help: 'Pairs of signatures by one validator that no honest one makes.',
  },
  certificateSeconds: {
    kind: 'histogram',
    name: 'shardnet_consensus_certificate_seconds',
    help: 'From holding a proposal to its certificate (or, for commit, one of a descendant).',
    labels: { certificate: ['prepare', 'commit'] },
    buckets: latencySeconds,
  },
  headerAge: {
    kind: 'gauge',
    name: 'shardnet_consensus_header_age_seconds',
    isLean: true,
    help: 'Own wall clock minus the time in blocks of other proposers as they were prepared here, median of 33. Latency plus how far this clock is ahead of the others.',
  },
  stepSeconds: {
    kind: 'histogram',
    name: 'shardnet_consensus_step_seconds',
    help: 'Time that one step of the replica took.',
    buckets: shortSeconds,
  },
} as const satisfies MetricCatalogue

const batches = {
  batchesMade: {
    kind: 'counter',
    name: 'shardnet_batches_made_total',
    help: 'Batches that this validator made.',
  },
  batchesReceived: {
    kind: 'counter',
    name: 'shardnet_batches_received_total',
    help: 'Batches of other authors, by the verdict on their bytes.',
    labels: { verdict: ['valid', 'badBody', 'badForm', 'badSignature'] },
  },
  batchTransactions: {
    kind: 'histogram',
    name: 'shardnet_batches_size_transactions',
    help: 'Transactions in the batches that this validator made.',
    buckets: sizes,
  },
  batchesWaiting: {
    kind: 'gauge',
    name: 'shardnet_batches_waiting',
    help: 'Batches of this validator that no committed block orders yet.',
  },
  batchOrderSeconds: {
    kind: 'histogram',
    name: 'shardnet_batches_order_seconds',
    help: 'From making a batch to the commit of the block that orders it.',
    buckets: latencySeconds,
  },
} as const satisfies MetricCatalogue

const ledger = {
  results: {
    kind: 'counter',
    name: 'shardnet_ledger_results_total',
    isLean: true,
    help: 'Transactions that committed blocks ordered, by what became of them.',
    labels: {
      result: [
        'OK',
        'EXPIRED',
        'STALE',
        'AHEAD',
        'UNKNOWN',
        'INSUFFICIENT',
        'CAS_MISMATCH',
        'BUSY',
      ],
    },
  },
  executedHeight: {
    kind: 'gauge',
    name: 'shardnet_ledger_executed_height',
    isLean: true,
    help: 'Height up to which blocks are executed.',
  },
  accounts: { kind: 'gauge', name: 'shardnet_ledger_accounts', help: 'Accounts in the state.' },
  comparedHeight: {
    kind: 'gauge',
    name: 'shardnet_ledger_compared_height',
    isLean: true,
    help: 'Newest executed height that is a multiple of 256: the state there is compared across the shard. 0 until there is one.',
  },
  comparedFingerprint: {
    kind: 'gauge',
    name: 'shardnet_ledger_compared_fingerprint',
    isLean: true,
    help: 'First 48 bits of the state root at the compared height, as a number: equal on all validators of a shard.',
  },
  supply: {
    kind: 'gauge',
    name: 'shardnet_ledger_supply_amount',
    isLean: true,
    help: 'Balances plus amounts sent to other shards minus amounts received, at the compared height. It never changes.',
  },
  executeSeconds: {
    kind: 'histogram',
    name: 'shardnet_ledger_execute_seconds',
    help: 'Time to execute one block and hash its state.',
    buckets: shortSeconds,
  },
} as const satisfies MetricCatalogue

const crossShard = {
  outboxInFlight: {
    kind: 'gauge',
    name: 'shardnet_crossshard_outbox_in_flight',
    isLean: true,
    help: 'Messages to other shards that their shard has not acknowledged, all pairs together.',
  },
  outboxLagHeights: {
    kind: 'gauge',
    name: 'shardnet_crossshard_outbox_lag_heights',
    isLean: true,
    help: 'Age in heights of the oldest message that is not acknowledged.',
  },
  imports: {
    kind: 'counter',
    name: 'shardnet_crossshard_imports_total',
    help: 'Import bundles that committed blocks ordered.',
  },
  importedMessages: {
    kind: 'counter',
    name: 'shardnet_crossshard_imported_messages_total',
    help: 'Credits taken from other shards.',
  },
  bundles: {
    kind: 'counter',
    name: 'shardnet_crossshard_bundles_total',
    help: 'Import bundles that validators of other shards pushed here. Refused ones also count in shardnet_consensus_refused_messages_total.',
  },
  sentAmount: {
    kind: 'counter',
    name: 'shardnet_crossshard_sent_amount_total',
    isLean: true,
    help: 'Amounts debited here for payees of other shards, up to the compared height.',
  },
  receivedAmount: {
    kind: 'counter',
    name: 'shardnet_crossshard_received_amount_total',
    isLean: true,
    help: 'Amounts credited here from other shards, up to the compared height.',
  },
} as const satisfies MetricCatalogue

/** What a shard's chain does, as one of its validators sees it: consensus, batches, ledger, exchange with other shards. */
export const chainCatalogue = {
  ...consensus,
  ...batches,
  ...ledger,
  ...crossShard,
} as const satisfies MetricCatalogue
