/** A story that a rule sees: series over time, and whether its alert fires at a moment. */
export interface AlertCase {
  readonly alert: string
  readonly title: string
  /** Values in promtool's notation, one each 15 s: `0+20x40` is 0, 20, 40, … */
  readonly series: Readonly<Record<string, string>>
  /** [moment, number of alerts that fire then] */
  readonly expected: readonly (readonly [at: string, firing: number])[]
}

const place = (shard: number, seat: number): string =>
  `testnet="demo", cluster="local", job="shardnet-validator", shard="${shard}", instance="s${shard}-v${seat}"`
const of = (name: string, shard: number, seat: number, labels = ''): string =>
  `${name}{${place(shard, seat)}${labels === '' ? '' : `, ${labels}`}}`
const shardOf = (
  name: string,
  values: readonly string[],
  labels = '',
): Readonly<Record<string, string>> =>
  Object.fromEntries(values.map((value, seat) => [of(name, 0, seat, labels), value]))

const height = 'shardnet_consensus_committed_height'
const steady = '100+15x80'
const fourSteady = shardOf(height, [steady, steady, steady, steady])
const fourUp = shardOf('up', ['1x80', '1x80', '1x80', '1x80'])
const loadPlace = 'testnet="demo", cluster="local", job="shardnet-load", instance="load"'
const operatorPlace = 'cluster="hub", job="shardnet-operator", instance="operator-0"'

/** At least one story in which each alert fires and one in which it must not. */
export const alertCases: readonly AlertCase[] = [
  {
    alert: 'ShardnetShardNotCommitting',
    title: 'a shard stands still for good, and goes on later',
    series: {
      ...fourUp,
      ...shardOf(
        height,
        Array.from({ length: 4 }, () => '100+15x8 220x24 235+15x40'),
      ),
    },
    expected: [
      ['1m', 0],
      ['6m', 1],
      ['14m', 0],
    ],
  },
  {
    alert: 'ShardnetShardNotCommitting',
    title: 'nobody of a shard answers any more',
    series: {
      ...shardOf(
        'up',
        Array.from({ length: 4 }, () => '1x8 0x60'),
      ),
      ...shardOf(
        height,
        Array.from({ length: 4 }, () => '100+15x8 stale'),
      ),
    },
    expected: [
      ['1m', 0],
      ['8m', 1],
    ],
  },
  {
    alert: 'ShardnetShardNotCommitting',
    title: 'an idle shard that makes a block a second is healthy',
    series: { ...fourUp, ...fourSteady },
    expected: [['10m', 0]],
  },
  {
    alert: 'ShardnetSafetyCheckFailed',
    title: 'two validators have different states at one height',
    series: {
      ...shardOf('shardnet_ledger_compared_height', ['256x40', '256x40', '256x40', '256x40']),
      ...shardOf('shardnet_ledger_compared_fingerprint', ['7x40', '7x40', '9x40', '7x40']),
    },
    expected: [['2m', 1]],
  },
  {
    alert: 'ShardnetSafetyCheckFailed',
    title: 'a validator that is one comparison behind is compared with nobody',
    series: {
      ...shardOf('shardnet_ledger_compared_height', ['512x40', '512x40', '256x40', '0x40']),
      ...shardOf('shardnet_ledger_compared_fingerprint', ['8x40', '8x40', '7x40', '0x40']),
    },
    expected: [['2m', 0]],
  },
  {
    alert: 'ShardnetSafetyCheckFailed',
    title: 'money appears',
    series: shardOf('shardnet_ledger_supply_amount', [
      '1000x8 1001x40',
      '1000x8 1001x40',
      '1000x8 1001x40',
      '1000x8 1001x40',
    ]),
    expected: [
      ['1m', 0],
      ['2m30s', 1],
    ],
  },
  {
    alert: 'ShardnetSafetyCheckFailed',
    title: 'one validator that reads wrong does not make the shard wrong, and a start is no change',
    series: shardOf('shardnet_ledger_supply_amount', [
      '0x8 1000x40',
      '1000x48',
      '1000x48',
      '1000x48',
    ]),
    expected: [['2m30s', 0]],
  },
  {
    alert: 'ShardnetSkipRateHigh',
    title: 'every third view is skipped',
    series: {
      ...shardOf(
        'shardnet_consensus_view',
        Array.from({ length: 4 }, () => '0+15x100'),
      ),
      ...shardOf(
        'shardnet_consensus_skips_total',
        Array.from({ length: 4 }, () => '0+5x100'),
        'proposer="other"',
      ),
    },
    expected: [['20m', 1]],
  },
  {
    alert: 'ShardnetSkipRateHigh',
    title: 'one view of fifteen is skipped',
    series: {
      ...shardOf(
        'shardnet_consensus_view',
        Array.from({ length: 4 }, () => '0+15x100'),
      ),
      ...shardOf(
        'shardnet_consensus_skips_total',
        Array.from({ length: 4 }, () => '0+1x100'),
        'proposer="other"',
      ),
    },
    expected: [['20m', 0]],
  },
  {
    alert: 'ShardnetValidatorLagging',
    title: 'one validator stands still while the others go on, and one is down',
    series: {
      ...fourUp,
      ...fourSteady,
      [of(height, 0, 3)]: '100x80',
      [of('up', 0, 2)]: '1x8 0x72',
      [of(height, 0, 2)]: '100+15x8 stale',
    },
    expected: [['8m', 2]],
  },
  {
    alert: 'ShardnetValidatorLagging',
    title: 'a fast shard whose scrapes are some seconds apart',
    series: {
      ...fourUp,
      ...shardOf(height, ['100+300x80', '0+300x80', '50+300x80', '100+300x80']),
    },
    expected: [['8m', 0]],
  },
  {
    alert: 'ShardnetOutboxStuck',
    title: 'the oldest message waits for two minutes, then it is taken',
    series: {
      ...fourSteady,
      ...shardOf(
        'shardnet_crossshard_outbox_lag_heights',
        Array.from({ length: 4 }, () => '0+15x30 2x40'),
      ),
    },
    expected: [
      ['30s', 0],
      ['6m', 1],
      ['12m', 0],
    ],
  },
  {
    alert: 'ShardnetClockOffset',
    title: 'one clock is three seconds ahead',
    series: shardOf('shardnet_consensus_header_age_seconds', [
      '0.1x60',
      '0.2x60',
      '0.1x60',
      '3.1x60',
    ]),
    expected: [['10m', 1]],
  },
  {
    alert: 'ShardnetClockOffset',
    title: 'a slow network is no clock',
    series: shardOf('shardnet_consensus_header_age_seconds', [
      '4.1x60',
      '4.2x60',
      '4.1x60',
      '4.0x60',
    ]),
    expected: [['10m', 0]],
  },
  {
    alert: 'ShardnetQueueFull',
    title: 'clients are turned away here, frames are dropped there, and it ends',
    series: {
      [of('shardnet_rpc_busy_transactions_total', 0, 0)]: '0+100x16 1600x40',
      [of('shardnet_network_dropped_frames_total', 0, 1, 'purpose="data", reason="queueFull"')]:
        '0+5x16 80x40',
      [of('shardnet_network_dropped_frames_total', 0, 2, 'purpose="data", reason="shaped"')]:
        '0+5x56',
    },
    expected: [
      ['4m', 2],
      ['10m', 0],
    ],
  },
  {
    alert: 'ShardnetEventLoopLag',
    title: 'a validator that stalls for five minutes, and one that stalls once',
    series: {
      [of('shardnet_process_event_loop_delay_p99_seconds', 0, 0)]: '0.8x60',
      [of('shardnet_process_event_loop_delay_p99_seconds', 0, 1)]: '0.02x8 3 0.02x50',
    },
    expected: [['8m', 1]],
  },
  {
    alert: 'ShardnetDiskFilling',
    title: 'nine tenths are used; half is used and grows fast; half is used and does not grow',
    series: {
      [of('shardnet_log_used_bytes', 0, 0)]: '900x200',
      [of('shardnet_log_used_bytes', 0, 1)]: '300+1x200',
      [of('shardnet_log_used_bytes', 0, 2)]: '500x200',
      [of('shardnet_log_budget_bytes', 0, 0)]: '1000x200',
      [of('shardnet_log_budget_bytes', 0, 1)]: '1000x200',
      [of('shardnet_log_budget_bytes', 0, 2)]: '1000x200',
    },
    expected: [['45m', 2]],
  },
  {
    alert: 'ShardnetOperatorNotReconciling',
    title: 'no operator leads; later one does',
    series: {
      [`up{${operatorPlace}}`]: '1x120',
      [`shardnet_operator_is_leader{${operatorPlace}}`]: '0x60 1x60',
      [`shardnet_operator_watch_age_seconds{${operatorPlace}, kind="Testnet"}`]: '40x120',
    },
    expected: [
      ['10m', 1],
      ['20m', 0],
    ],
  },
  {
    alert: 'ShardnetOperatorNotReconciling',
    title: 'most looks fail',
    series: {
      [`up{${operatorPlace}}`]: '1x120',
      [`shardnet_operator_is_leader{${operatorPlace}}`]: '1x120',
      [`shardnet_operator_reconcile_errors_total{${operatorPlace}, controller="shard", error="transient"}`]:
        '0+9x120',
      [`shardnet_operator_reconcile_seconds_count{${operatorPlace}, controller="shard"}`]:
        '0+10x120',
    },
    expected: [['20m', 1]],
  },
  {
    alert: 'ShardnetOperatorNotReconciling',
    title: 'a quiet operator that leads and hears from its API server is well',
    series: {
      [`up{${operatorPlace}}`]: '1x120',
      [`shardnet_operator_is_leader{${operatorPlace}}`]: '1x120',
      [`shardnet_operator_watch_age_seconds{${operatorPlace}, kind="Testnet"}`]: '70x120',
      [`shardnet_operator_reconcile_errors_total{${operatorPlace}, controller="shard", error="transient"}`]:
        '3x120',
      [`shardnet_operator_reconcile_seconds_count{${operatorPlace}, controller="shard"}`]:
        '0+1x120',
    },
    expected: [['20m', 0]],
  },
  {
    alert: 'ShardnetGeneratorLimited',
    title: 'the generator is late while it runs; afterwards nobody cares',
    series: {
      [`shardnet_load_limited{${loadPlace}}`]: '0x4 1x40',
      [`shardnet_load_running{${loadPlace}}`]: '1x20 0x24',
    },
    expected: [
      ['45s', 0],
      ['3m', 1],
      ['8m', 0],
    ],
  },
  {
    alert: 'ShardnetBudgetExceeded',
    title: 'five minutes at a thousand dollars an hour are most of a hundred',
    series: {
      // The clock of these tests starts at 0, and a start at 0 stands for none.
      [of('shardnet_process_start_time_seconds', 0, 0)]: '1x40',
      'testnet:shardnet_price:per_hour{testnet="demo", job="shardnet-validator"}': '1000x40',
      'testnet:shardnet_budget:total{testnet="demo", job="shardnet-validator"}': '100x40',
    },
    expected: [
      ['3m', 0],
      ['7m', 1],
    ],
  },
]
