import { REFUSAL_NAMES } from '../../client/refusal-code.ts'
import type { MetricCatalogue } from './metric-definition.ts'

const votes = ['prepare', 'commit', 'skip'] as const
const purposes = ['consensus', 'data', 'sync', 'crossshard'] as const
const refusals = REFUSAL_NAMES
const shortSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1] as const
const latencySeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
const sizes = [1, 4, 16, 64, 128, 256, 512, 1024, 2048, 4096, 16_384] as const

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
    help: "Own wall clock minus the time in blocks of other proposers as they were prepared here, median of 33. Latency plus how far this clock is ahead of the others.",
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

const log = {
  fsyncs: {
    kind: 'counter',
    name: 'shardnet_log_fsyncs_total',
    help: 'Groups of records that were made durable.',
  },
  fsyncSeconds: {
    kind: 'histogram',
    name: 'shardnet_log_fsync_seconds',
    help: 'Time to make one group durable.',
    buckets: shortSeconds,
  },
  logWritten: {
    kind: 'counter',
    name: 'shardnet_log_written_bytes_total',
    help: 'Bytes appended to the log.',
  },
  logUsed: {
    kind: 'gauge',
    name: 'shardnet_log_used_bytes',
    isLean: true,
    help: 'Bytes that the log takes on disk.',
  },
  logBudget: {
    kind: 'gauge',
    name: 'shardnet_log_budget_bytes',
    isLean: true,
    help: 'Bytes at which the validator stops.',
  },
} as const satisfies MetricCatalogue

const signatures = {
  signaturesChecked: {
    kind: 'counter',
    name: 'shardnet_signatures_checked_total',
    help: 'Transaction signatures checked, by verdict.',
    labels: { verdict: ['valid', 'invalid'] },
  },
  signatureBatch: {
    kind: 'histogram',
    name: 'shardnet_signatures_batch_size',
    help: 'Signatures per call of the kernel.',
    buckets: sizes,
  },
  signatureCheckSeconds: {
    kind: 'histogram',
    name: 'shardnet_signatures_check_seconds',
    help: 'From handing signatures to the worker to its verdicts, waiting included.',
    buckets: shortSeconds,
  },
  signatureKernel: {
    kind: 'gauge',
    name: 'shardnet_signatures_kernel_live',
    help: '1 for the kernel in use, 0 for the others.',
    labels: { kernel: ['webassembly', 'native'] },
  },
} as const satisfies MetricCatalogue

const network = {
  framesSent: {
    kind: 'counter',
    name: 'shardnet_network_sent_frames_total',
    help: 'Frames handed to the connections of peers.',
    labels: { purpose: purposes },
  },
  bytesSent: {
    kind: 'counter',
    name: 'shardnet_network_sent_bytes_total',
    help: 'Bytes handed to the connections of peers, before encryption.',
    labels: { purpose: purposes },
  },
  framesReceived: {
    kind: 'counter',
    name: 'shardnet_network_received_frames_total',
    help: 'Frames from peers.',
    labels: { purpose: purposes },
  },
  bytesReceived: {
    kind: 'counter',
    name: 'shardnet_network_received_bytes_total',
    help: 'Bytes of frames from peers.',
    labels: { purpose: purposes },
  },
  framesDropped: {
    kind: 'counter',
    name: 'shardnet_network_dropped_frames_total',
    help: 'Frames that were not sent: their queue was full, or a fault injection dropped them.',
    labels: { purpose: purposes, reason: ['queueFull', 'shaped'] },
  },
  linkRules: {
    kind: 'gauge',
    name: 'shardnet_network_link_rules',
    help: 'Link rules of a fault injection that are in force.',
  },
  framesShaped: {
    kind: 'counter',
    name: 'shardnet_network_shaped_frames_total',
    help: 'Frames that link rules dropped or held back.',
    labels: { direction: ['outbound', 'inbound'], verdict: ['dropped', 'delayed'] },
  },
  streamsRefused: {
    kind: 'counter',
    name: 'shardnet_network_refused_streams_total',
    help: 'Streams of peers cut because of a frame length that no honest peer sends.',
    labels: { purpose: purposes },
  },
  strangersRefused: {
    kind: 'counter',
    name: 'shardnet_network_refused_connections_total',
    help: 'Connections to the p2p port by keys that have no seat.',
  },
  peersConnected: {
    kind: 'gauge',
    name: 'shardnet_network_connected_peers',
    isLean: true,
    help: 'Validators with an open connection.',
  },
  queuedBytes: {
    kind: 'gauge',
    name: 'shardnet_network_queued_bytes',
    isLean: true,
    help: 'Bytes that wait to be sent to peers.',
  },
} as const satisfies MetricCatalogue

const rpc = {
  rpcRequests: {
    kind: 'counter',
    name: 'shardnet_rpc_requests_total',
    help: 'JSON-RPC calls, by what came of them.',
    labels: { outcome: ['ok', 'error', 'refused', 'full'] },
  },
  rpcSeconds: {
    kind: 'histogram',
    name: 'shardnet_rpc_request_seconds',
    help: 'Time of one JSON-RPC call.',
    buckets: latencySeconds,
  },
  submitted: {
    kind: 'counter',
    name: 'shardnet_rpc_submitted_transactions_total',
    isLean: true,
    help: 'Transactions that clients handed in.',
  },
  refused: {
    kind: 'counter',
    name: 'shardnet_rpc_refused_transactions_total',
    help: 'Transactions that the door refused, by code.',
    labels: { code: refusals },
  },
  busy: {
    kind: 'counter',
    name: 'shardnet_rpc_busy_transactions_total',
    isLean: true,
    help: 'Transactions turned away because the queue was full.',
  },
  acknowledged: {
    kind: 'counter',
    name: 'shardnet_rpc_acknowledged_transactions_total',
    isLean: true,
    help: 'Transactions acknowledged to clients as durable here.',
  },
  pendingTransactions: {
    kind: 'gauge',
    name: 'shardnet_rpc_pending_transactions',
    help: 'Transactions taken from clients and not yet in a batch.',
  },
  rpcConnections: {
    kind: 'gauge',
    name: 'shardnet_rpc_connections',
    help: 'Open connections of clients.',
    labels: { kind: ['http', 'subscribe', 'stream'] },
  },
  rpcDisconnects: {
    kind: 'counter',
    name: 'shardnet_rpc_disconnects_total',
    help: 'Clients that the server hung up on.',
    labels: { reason: ['slowReader', 'protocol', 'tooMany', 'stopping'] },
  },
} as const satisfies MetricCatalogue

const processMetrics = {
  residentBytes: {
    kind: 'gauge',
    name: 'shardnet_process_resident_bytes',
    isLean: true,
    help: 'Memory of the process.',
  },
  heapBytes: {
    kind: 'gauge',
    name: 'shardnet_process_heap_used_bytes',
    help: 'JavaScript heap in use.',
  },
  externalBytes: {
    kind: 'gauge',
    name: 'shardnet_process_external_bytes',
    help: 'Buffers that JavaScript holds outside of its heap.',
  },
  cpuSeconds: {
    kind: 'counter',
    name: 'shardnet_process_cpu_seconds_total',
    isLean: true,
    help: 'Processor time used.',
    labels: { mode: ['user', 'system'] },
  },
  eventLoopDelaySeconds: {
    kind: 'gauge',
    name: 'shardnet_process_event_loop_delay_p99_seconds',
    isLean: true,
    help: '99th percentile of the event loop delay since the last scrape.',
  },
  startTimeSeconds: {
    kind: 'gauge',
    name: 'shardnet_process_start_time_seconds',
    isLean: true,
    help: 'Start of the process, since 1970.',
  },
} as const satisfies MetricCatalogue

/** Every metric of a validator. Dashboards, rules and tests read this; renaming one here stops them from compiling. */
export const catalogue = {
  ...consensus,
  ...batches,
  ...ledger,
  ...crossShard,
  ...log,
  ...signatures,
  ...network,
  ...rpc,
  ...processMetrics,
} as const satisfies MetricCatalogue

/** The catalogue's exact type, for handles that follow it. */
export type NodeCatalogue = typeof catalogue
