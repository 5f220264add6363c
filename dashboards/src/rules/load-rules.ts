import { load } from '../catalogues.ts'
import type { RecordingRule, RuleWindows } from './recording-rule.ts'

const byTestnet = 'by (testnet, job)'

/** What clients see, from the load generator. */
export function loadRules({ now }: RuleWindows) {
  return {
    offered: {
      record: 'testnet:shardnet_load_offered:rate',
      unit: 'cps',
      help: 'Transactions per second that the schedule asked for.',
      expression: `sum ${byTestnet} (rate(${load.scheduled.name}[${now}]))`,
    },
    committed: {
      record: 'testnet:shardnet_load_committed:rate',
      unit: 'cps',
      help: 'Transactions per second that clients saw committed in every shard that they touch.',
      expression: `sum ${byTestnet} (rate(${load.committed.name}[${now}]))`,
    },
    unsuccessful: {
      record: 'testnet:shardnet_load_unsuccessful:rate',
      unit: 'cps',
      help: 'Transactions per second that ended failed, refused or expired.',
      expression: `sum ${byTestnet} (rate(${load.unsuccessful.name}[${now}]))`,
    },
  } as const satisfies Record<string, RecordingRule>
}

/**
 * Series that nobody measures: whoever deploys says them (the chart's `price` values). Panels that read them say so when
 * there are none.
 */
export const givenSeries = {
  pricePerHour: {
    record: 'testnet:shardnet_price:per_hour',
    unit: 'currencyUSD',
    help: 'Price of the machines per hour, from the estimate of the deployment.',
  },
  budget: {
    record: 'testnet:shardnet_budget:total',
    unit: 'currencyUSD',
    help: 'What the testnet may cost in all.',
  },
} as const
