import { REFUSAL_NAMES } from '../../client/refusal-code.ts'
import { latencySeconds, shortSeconds, sizes } from './buckets.ts'
import { chainCatalogue } from './chain-catalogue.ts'
import type { MetricCatalogue } from './metric-definition.ts'

const purposes = ['consensus', 'data', 'sync', 'crossshard'] as const
const refusals = REFUSAL_NAMES

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
    help: 'Bytes at which the validator stops: its budget, or what its file system has room for when that is less.',
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
  signatureCpuSeconds: {
    kind: 'counter',
    name: 'shardnet_signatures_cpu_seconds_total',
    help: 'Processor time of the workers that check signatures.',
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
  ...chainCatalogue,
  ...log,
  ...signatures,
  ...network,
  ...rpc,
  ...processMetrics,
} as const satisfies MetricCatalogue

/** The catalogue's exact type, for handles that follow it. */
export type NodeCatalogue = typeof catalogue
