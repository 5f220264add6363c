import type { MetricCatalogue } from '@shardnet/node/metrics'
import { verdictKinds } from '../result/verdict-shape.ts'

/** Every metric of a running load generator, for dashboards and rules to compile against. */
export const loadCatalogue = {
  running: {
    kind: 'gauge',
    name: 'shardnet_load_running',
    help: '1 while transactions are sent or their fates are waited for.',
  },
  scheduled: {
    kind: 'counter',
    name: 'shardnet_load_scheduled_transactions_total',
    help: 'Transactions that the schedule asked for so far: the offered load.',
  },
  sent: {
    kind: 'counter',
    name: 'shardnet_load_sent_transactions_total',
    help: 'Distinct transactions that left the generator.',
  },
  committed: {
    kind: 'counter',
    name: 'shardnet_load_committed_transactions_total',
    help: 'Transactions committed in every shard that they touch, each once.',
  },
  unsuccessful: {
    kind: 'counter',
    name: 'shardnet_load_unsuccessful_transactions_total',
    help: 'Transactions that ended failed, refused or expired.',
  },
  inFlight: {
    kind: 'gauge',
    name: 'shardnet_load_in_flight_transactions',
    help: 'Transactions sent whose fate is not known yet.',
  },
  receiptsInFlight: {
    kind: 'gauge',
    name: 'shardnet_load_receipts_in_flight_transactions',
    help: 'Transactions debited in their shard whose credit in another shard is still on its way.',
  },
  latency: {
    kind: 'gauge',
    name: 'shardnet_load_latency_seconds',
    help: 'From the scheduled sending to the commit in the last shard touched, over the whole run so far.',
    labels: { quantile: ['0.5', '0.99'] },
  },
  lateness: {
    kind: 'gauge',
    name: 'shardnet_load_lateness_p99_seconds',
    help: 'From the scheduled to the actual sending, 99th percentile of the run so far. It is the generator that is late.',
  },
  limited: {
    kind: 'gauge',
    name: 'shardnet_load_limited',
    help: '1 while the generator, not the testnet, is what limits the run: such a run gets no verdict.',
  },
  verdict: {
    kind: 'gauge',
    name: 'shardnet_load_verdict',
    help: '1 at the verdict of the last run that ended, as far as this process knows it.',
    labels: { verdict: [...verdictKinds] },
  },
} as const satisfies MetricCatalogue
