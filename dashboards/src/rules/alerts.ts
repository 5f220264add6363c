import { load, operator, validator } from '../catalogues.ts'
import { type Alert, type AlertPace, defaultPace } from './alert.ts'
import { givenSeries } from './load-rules.ts'
import { recorded } from './recording-rules.ts'

const { shard, instance, testnet } = recorded
const onShard = 'on (testnet, job, shard)'
const ofShard = 'shard {{ $labels.shard }} of testnet {{ $labels.testnet }}'
const ofValidator = 'validator {{ $labels.instance }} of ' + ofShard

/** Every alert, the ones that wake somebody first. */
export function alerts(pace: AlertPace = defaultPace): readonly Alert[] {
  return [
    ...safetyAlerts(pace),
    ...chainAlerts(pace),
    ...resourceAlerts(pace),
    ...measurementAlerts(pace),
  ]
}

function safetyAlerts({ silence, short }: AlertPace): readonly Alert[] {
  const height = shard.height.record
  return [
    {
      name: 'ShardnetShardNotCommitting',
      severity: 'page',
      for: short,
      // Either it stands still, or nobody of a shard that has validators answers.
      expression: `delta(${height}[${silence}]) <= 0 or (${shard.validatorsUp.record} == 0 unless ${onShard} ${height})`,
      summary: `No new block in ${ofShard}`,
      description:
        'A healthy shard makes a block a second even without work. Its transactions and every transfer to it wait.',
      page: 'shard-not-committing',
    },
    {
      name: 'ShardnetSafetyCheckFailed',
      severity: 'page',
      for: '0s',
      expression: `${shard.disagreement.record} > 0 or changes(${shard.supply.record}[${short}]) > 0`,
      summary: `States differ, or money appeared or vanished, in ${ofShard}`,
      description:
        'Two validators have different states at one height, or the supply of the shard changed. Neither may ever happen: stop the load and keep every data folder.',
      page: 'safety-check-failed',
    },
  ]
}

function chainAlerts({ short, long }: AlertPace): readonly Alert[] {
  return [
    {
      name: 'ShardnetSkipRateHigh',
      severity: 'warning',
      for: long,
      expression: `${shard.skipShare.record} > 0.2`,
      summary: `{{ $value | humanizePercentage }} of the views are skipped in ${ofShard}`,
      description:
        'Each skipped view costs a timeout. One silent validator of four skips a quarter of the views; more points to the network or to overload.',
      page: 'skip-rate-high',
    },
    {
      name: 'ShardnetValidatorLagging',
      severity: 'warning',
      for: short,
      expression: `${instance.behind.record} > 30 or up{job="shardnet-validator"} == 0`,
      summary: `Behind or down: ${ofValidator}`,
      description:
        'It does not help its shard to a quorum. A shard of n stops when more than (n - 1) / 3 of them are in this state.',
      page: 'validator-lagging',
    },
    {
      name: 'ShardnetOutboxStuck',
      severity: 'warning',
      for: short,
      expression: `${shard.outboxLag.record} > 60`,
      summary: `Messages to other shards wait for {{ $value | humanizeDuration }} in ${ofShard}`,
      description:
        'Debited amounts do not arrive. Nothing is lost: the messages are in the state of the shard and go on when the other shard answers.',
      page: 'outbox-stuck',
    },
    {
      name: 'ShardnetClockOffset',
      severity: 'warning',
      for: long,
      expression: `abs(${instance.clockOffset.record}) > 1`,
      summary: `The clock is off by {{ $value | humanizeDuration }} at ${ofValidator}`,
      description:
        'Safety does not depend on clocks, but the times in blocks do, and with them what reports say about latency.',
      page: 'clock-offset',
    },
  ]
}

function resourceAlerts({ short, long, trend }: AlertPace): readonly Alert[] {
  const full = instance.logFull.record
  const { logUsed, logBudget, eventLoopDelaySeconds } = validator
  return [
    {
      name: 'ShardnetQueueFull',
      severity: 'warning',
      for: short,
      expression: `${instance.turnedAway.record} > 0 or ${instance.droppedFrames.record} > 0`,
      summary: `A queue is full at ${ofValidator}`,
      description:
        'Clients are turned away, or frames to peers are dropped. Bounded queues are meant to do that under overload; without overload a peer or the processor is slow.',
      page: 'queue-full',
    },
    {
      name: 'ShardnetEventLoopLag',
      severity: 'warning',
      for: long,
      expression: `${eventLoopDelaySeconds.name} > 0.5`,
      summary: `The event loop stalls for {{ $value | humanizeDuration }} at ${ofValidator}`,
      description: 'Votes leave late, views time out. The machine is too small or shared.',
      page: 'event-loop-lag',
    },
    {
      name: 'ShardnetDiskFilling',
      severity: 'warning',
      for: short,
      expression: `${full} > 0.8 or (predict_linear(${logUsed.name}[${trend}], 14400) > ${logBudget.name} and ${full} > 0.3)`,
      summary: `The log is full, or will be within four hours, at ${ofValidator}`,
      description: 'At its budget a validator stops in good order. Nothing is pruned today.',
      page: 'disk-filling',
    },
  ]
}

function measurementAlerts({ short, long }: AlertPace): readonly Alert[] {
  return [
    {
      name: 'ShardnetOperatorNotReconciling',
      severity: 'warning',
      for: long,
      expression: notReconciling(long),
      summary: 'The operator of cluster {{ $labels.cluster }} does not do its work',
      description:
        'Validators go on without it. Changes of testnets, faults, load tests and time limits wait.',
      page: 'operator-not-reconciling',
    },
    {
      name: 'ShardnetGeneratorLimited',
      severity: 'info',
      for: '0s',
      expression: `${load.limited.name} == 1 and ${load.running.name} == 1`,
      summary: 'The load generator, not testnet {{ $labels.testnet }}, limits the run',
      description:
        'Transactions leave late or not at all. Figures of rate and latency would be those of the generator, so the run gets no verdict.',
      page: 'generator-limited',
    },
    {
      name: 'ShardnetBudgetExceeded',
      severity: 'warning',
      for: short,
      expression: `${testnet.cost.record} > on (testnet) group_left () ${givenSeries.budget.record} * 0.8`,
      summary: 'Testnet {{ $labels.testnet }} has used four fifths of its budget',
      description: 'Price per hour times age. It is an estimate; the bill of the cloud decides.',
      page: 'budget-exceeded',
    },
  ]
}

/** Nobody answers, nobody leads, nothing was heard, or more looks fail than not. */
function notReconciling(window: string): string {
  const { isLeader, watchAge, reconcileErrors, reconcileSeconds } = operator
  const perCluster = 'by (cluster, job)'
  const failed = `sum ${perCluster} (rate(${reconcileErrors.name}[${window}]))`
  const looks = `sum ${perCluster} (rate(${reconcileSeconds.name}_count[${window}]))`
  return [
    `max ${perCluster} (up{job="shardnet-operator"}) == 0`,
    `max ${perCluster} (${isLeader.name}) == 0`,
    `max ${perCluster} (${watchAge.name}) > 300`,
    `${failed} > 0.5 * ${looks}`,
  ].join(' or ')
}
