import { validator } from '../catalogues.ts'
import type { RecordingRule, RuleWindows } from './recording-rule.ts'

const byShard = 'by (testnet, job, shard)'
const onShard = 'on (testnet, job, shard)'
const byTestnet = 'by (testnet, job)'
/** The middle of what the validators of a shard say: one that catches up or lies does not move it. */
const middle = (by: string, expression: string): string => `quantile ${by} (0.5, ${expression})`

/** Series of one validator. They come after the series of its shard, which they read. */
export function instanceRules({ now }: RuleWindows) {
  const { height, headerAge, logUsed, logBudget, cpuSeconds, busy, framesDropped } = validator
  return {
    behind: {
      record: 'instance:shardnet_behind:seconds',
      unit: 's',
      help: "Time that a validator's chain is behind the newest block of its shard, at the shard's present pace.",
      expression: `(shard:shardnet_height:max - ${onShard} group_right () ${height.name}) / ${onShard} group_left () clamp_min(shard:shardnet_height:rate, 0.2)`,
    },
    clockOffset: {
      record: 'instance:shardnet_clock_offset:seconds',
      unit: 's',
      help: "How far a validator's clock is ahead of the middle of its shard.",
      expression: `${headerAge.name} - ${onShard} group_left () ${middle(byShard, headerAge.name)}`,
    },
    logFull: {
      record: 'instance:shardnet_log_used:ratio',
      unit: 'percentunit',
      help: 'Part of the log budget that is used; at 1 the validator stops.',
      expression: `${logUsed.name} / ${logBudget.name}`,
    },
    cpu: {
      record: 'instance:shardnet_cpu:rate',
      unit: 'short',
      help: 'Processor cores that a validator uses.',
      expression: `sum without (mode) (rate(${cpuSeconds.name}[${now}]))`,
    },
    turnedAway: {
      record: 'instance:shardnet_turned_away:rate',
      unit: 'cps',
      help: 'Transactions per second turned away because the queue was full.',
      expression: `rate(${busy.name}[${now}])`,
    },
    droppedFrames: {
      record: 'instance:shardnet_dropped_frames:rate',
      unit: 'pps',
      help: 'Frames to peers per second dropped because their queue was full.',
      expression: `sum without (purpose, reason) (rate(${framesDropped.name}{reason="queueFull"}[${now}]))`,
    },
  } as const satisfies Record<string, RecordingRule>
}

/** Series of one shard. */
export function shardRules(windows: RuleWindows) {
  return {
    ...chainRules(windows),
    ...latencyRules(windows),
    ...safetyRules(),
    ...outboxRules(windows),
  }
}

function chainRules({ now, steady }: RuleWindows) {
  const { height, view, skips, results, submitted } = validator
  return {
    height: {
      record: 'shard:shardnet_height:max',
      unit: 'short',
      help: 'Height of the newest committed block of a shard.',
      expression: `max ${byShard} (${height.name})`,
    },
    heightRate: {
      record: 'shard:shardnet_height:rate',
      unit: 'short',
      help: 'Blocks per second that a shard commits.',
      expression: `clamp_min(${middle(byShard, `deriv(${height.name}[${now}])`)}, 0)`,
    },
    validatorsUp: {
      record: 'shard:shardnet_validators_up:sum',
      unit: 'short',
      help: 'Validators of a shard that answer.',
      expression: `sum ${byShard} (up{job="shardnet-validator"})`,
    },
    validators: {
      record: 'shard:shardnet_validators:count',
      unit: 'short',
      help: 'Validators of a shard that there should be.',
      expression: `count ${byShard} (up{job="shardnet-validator"})`,
    },
    results: {
      record: 'shard:shardnet_results:rate',
      unit: 'cps',
      help: 'Transactions per second that blocks of a shard order, by what became of them.',
      expression: middle('by (testnet, job, shard, result)', `rate(${results.name}[${now}])`),
    },
    submitted: {
      record: 'shard:shardnet_submitted:rate',
      unit: 'cps',
      help: "Transactions per second that clients hand to a shard's validators, copies included.",
      expression: `sum ${byShard} (rate(${submitted.name}[${now}]))`,
    },
    skipShare: {
      record: 'shard:shardnet_skips:ratio',
      unit: 'percentunit',
      help: 'Part of the views of a shard that ended without a block.',
      // Right after a standstill the two slopes are of different moments; a share is never above 1.
      expression: `clamp_max(${middle(byShard, `sum without (proposer) (rate(${skips.name}[${steady}]))`)} / clamp_min(${middle(byShard, `deriv(${view.name}[${steady}])`)}, 0.01), 1)`,
    },
  } as const satisfies Record<string, RecordingRule>
}

function latencyRules({ steady }: RuleWindows) {
  const { certificateSeconds, batchOrderSeconds } = validator
  const percentile = (share: string, by: string, name: string): string =>
    `histogram_quantile(${share}, sum ${by} (rate(${name}_bucket[${steady}])))`
  const byCertificate = 'by (testnet, job, shard, certificate, le)'
  const byBucket = 'by (testnet, job, shard, le)'
  return {
    certificateP50: {
      record: 'shard:shardnet_certificate_seconds:p50',
      unit: 's',
      help: 'From holding a proposal to its certificate, half are quicker.',
      expression: percentile('0.5', byCertificate, certificateSeconds.name),
    },
    certificateP99: {
      record: 'shard:shardnet_certificate_seconds:p99',
      unit: 's',
      help: 'From holding a proposal to its certificate, 99 of 100 are quicker.',
      expression: percentile('0.99', byCertificate, certificateSeconds.name),
    },
    orderP50: {
      record: 'shard:shardnet_order_seconds:p50',
      unit: 's',
      help: 'From making a batch to the execution of the block that orders it, half are quicker.',
      expression: percentile('0.5', byBucket, batchOrderSeconds.name),
    },
    orderP99: {
      record: 'shard:shardnet_order_seconds:p99',
      unit: 's',
      help: 'From making a batch to the execution of the block that orders it, 99 of 100 are quicker.',
      expression: percentile('0.99', byBucket, batchOrderSeconds.name),
    },
  } as const satisfies Record<string, RecordingRule>
}

function safetyRules() {
  const { comparedHeight, comparedFingerprint, supply } = validator
  const newest = `(${comparedHeight.name} == ${onShard} group_left () (max ${byShard} (${comparedHeight.name}) > 0))`
  const fingerprints = `(${comparedFingerprint.name} and ${newest})`
  return {
    disagreement: {
      record: 'shard:shardnet_disagreement:bool',
      unit: 'short',
      help: '1 when two validators of a shard have different states at the same height. It must never be.',
      expression: `max ${byShard} ${fingerprints} != bool ${onShard} min ${byShard} ${fingerprints}`,
    },
    supply: {
      record: 'shard:shardnet_supply:amount',
      unit: 'short',
      help: 'Balances of a shard plus what it sent minus what it received: never changes.',
      expression: middle(byShard, `(${supply.name} > 0)`),
    },
  } as const satisfies Record<string, RecordingRule>
}

function outboxRules({ now }: RuleWindows) {
  const { outboxInFlight, outboxLagHeights, importedMessages, sentAmount, receivedAmount } =
    validator
  return {
    outboxInFlight: {
      record: 'shard:shardnet_outbox_in_flight:max',
      unit: 'short',
      help: 'Messages of a shard to others that are not acknowledged yet.',
      expression: `max ${byShard} (${outboxInFlight.name})`,
    },
    outboxLag: {
      record: 'shard:shardnet_outbox_lag:seconds',
      unit: 's',
      help: 'Age of the oldest message of a shard that is not acknowledged.',
      expression: `max ${byShard} (${outboxLagHeights.name}) / ${onShard} clamp_min(shard:shardnet_height:rate, 0.2)`,
    },
    imported: {
      record: 'shard:shardnet_imported:rate',
      unit: 'cps',
      help: 'Credits per second that a shard takes from others.',
      expression: middle(byShard, `rate(${importedMessages.name}[${now}])`),
    },
    sentAmount: {
      record: 'shard:shardnet_sent_amount:max',
      unit: 'short',
      help: 'Amounts that a shard debited for payees of other shards.',
      expression: `max ${byShard} (${sentAmount.name})`,
    },
    receivedAmount: {
      record: 'shard:shardnet_received_amount:max',
      unit: 'short',
      help: 'Amounts that a shard credited from others.',
      expression: `max ${byShard} (${receivedAmount.name})`,
    },
  } as const satisfies Record<string, RecordingRule>
}

/** Series of a whole testnet. */
export function testnetRules({ now }: RuleWindows) {
  const { residentBytes, logUsed, bytesSent, startTimeSeconds } = validator
  const ok = 'shard:shardnet_results:rate{result="OK"}'
  return {
    committed: {
      record: 'testnet:shardnet_committed:rate',
      unit: 'cps',
      help: 'Transactions per second executed with result OK, counted once, in the shard that paid.',
      expression: `sum ${byTestnet} (${ok})`,
    },
    shards: {
      record: 'testnet:shardnet_shards:count',
      unit: 'short',
      help: 'Shards of which a validator is known.',
      expression: `count ${byTestnet} (shard:shardnet_validators:count)`,
    },
    shardsCommitting: {
      record: 'testnet:shardnet_shards_committing:count',
      unit: 'short',
      help: 'Shards that committed a block in the last moments.',
      expression: `sum ${byTestnet} (shard:shardnet_height:rate > bool 0)`,
    },
    supply: {
      record: 'testnet:shardnet_supply:amount',
      unit: 'short',
      help: 'Sum over the shards of balances plus sent minus received: the supply of the genesis, always.',
      expression: `sum ${byTestnet} (shard:shardnet_supply:amount)`,
    },
    cpu: {
      record: 'testnet:shardnet_cpu:rate',
      unit: 'short',
      help: 'Processor cores that all validators use.',
      expression: `sum ${byTestnet} (instance:shardnet_cpu:rate)`,
    },
    memory: {
      record: 'testnet:shardnet_resident_bytes:sum',
      unit: 'bytes',
      help: 'Memory of all validators.',
      expression: `sum ${byTestnet} (${residentBytes.name})`,
    },
    disk: {
      record: 'testnet:shardnet_log_used_bytes:sum',
      unit: 'bytes',
      help: 'Disk that the logs of all validators take.',
      expression: `sum ${byTestnet} (${logUsed.name})`,
    },
    traffic: {
      record: 'testnet:shardnet_sent_bytes:rate',
      unit: 'Bps',
      help: 'Bytes per second between validators.',
      expression: `sum ${byTestnet} (rate(${bytesSent.name}[${now}]))`,
    },
    age: {
      record: 'testnet:shardnet_age:seconds',
      unit: 's',
      help: 'Time since the oldest validator process of the testnet started.',
      expression: `time() - min ${byTestnet} (${startTimeSeconds.name} > 0)`,
    },
    cost: {
      record: 'testnet:shardnet_cost:total',
      unit: 'currencyUSD',
      help: 'Price per hour times age; without a price there is no series.',
      expression:
        'testnet:shardnet_age:seconds / 3600 * on (testnet) group_left () testnet:shardnet_price:per_hour',
    },
  } as const satisfies Record<string, RecordingRule>
}
