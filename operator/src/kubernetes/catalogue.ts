import type { MetricCatalogue } from '@shardnet/node/metrics'

const controllers = ['testnet', 'shard', 'cluster', 'loadtest', 'fault'] as const
const kinds = [
  'Testnet',
  'Shard',
  'LoadTest',
  'Fault',
  'Cluster',
  'StatefulSet',
  'Service',
  'ConfigMap',
  'Job',
  'PodDisruptionBudget',
  'NetworkPolicy',
] as const

/** Answers that are counted by themselves; others are `other`, and no answer is `none`. */
export const COUNTED_CODES = [
  '200',
  '201',
  '400',
  '401',
  '403',
  '404',
  '409',
  '410',
  '422',
  '429',
  '500',
  '503',
] as const

/** Every metric of the operator, as data. */
export const operatorCatalogue = {
  reconcileSeconds: {
    kind: 'histogram',
    name: 'shardnet_operator_reconcile_seconds',
    help: 'Time that one look at an object took, by controller.',
    labels: { controller: controllers },
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
  },
  reconcileErrors: {
    kind: 'counter',
    name: 'shardnet_operator_reconcile_errors_total',
    help: 'Looks that failed, by whether another one is worth it without a change.',
    labels: { controller: controllers, error: ['transient', 'terminal'] },
  },
  queueDepth: {
    kind: 'gauge',
    name: 'shardnet_operator_queue_depth',
    help: 'Objects that wait for a worker.',
    labels: { controller: controllers },
  },
  watchAge: {
    kind: 'gauge',
    name: 'shardnet_operator_watch_age_seconds',
    help: 'Since anything was heard of a kind in any cluster, the oldest one; bookmarks come every minute or so.',
    labels: { kind: kinds },
  },
  watchErrors: {
    kind: 'counter',
    name: 'shardnet_operator_watch_errors_total',
    help: 'Lists and watches that failed and were begun anew.',
    labels: { kind: kinds },
  },
  apiCalls: {
    kind: 'counter',
    name: 'shardnet_operator_api_calls_total',
    help: 'Requests to API servers by verb and answer.',
    labels: {
      verb: ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'],
      code: [...COUNTED_CODES, 'other', 'none'],
    },
  },
  drift: {
    kind: 'counter',
    name: 'shardnet_operator_drift_total',
    help: 'Objects of ours that were found changed by somebody else and put right, by kind.',
    labels: { kind: kinds },
  },
  isLeader: {
    kind: 'gauge',
    name: 'shardnet_operator_is_leader',
    help: 'Whether this operator is the one that writes.',
  },
  residentBytes: {
    kind: 'gauge',
    name: 'shardnet_operator_resident_bytes',
    help: 'Memory of the process.',
  },
  cpuSeconds: {
    kind: 'counter',
    name: 'shardnet_operator_cpu_seconds_total',
    help: 'Processor time of the process.',
  },
} as const satisfies MetricCatalogue

export type OperatorCatalogue = typeof operatorCatalogue
