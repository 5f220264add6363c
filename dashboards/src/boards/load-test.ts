import { load } from '../catalogues.ts'
import { recorded } from '../rules/recording-rules.ts'
import type { Board } from './board.ts'
import { plot, stat } from './panel.ts'
import { from, raw } from './select.ts'

const { testnet, shard } = recorded

/** A run as clients see it. Faults are annotations, on this board as on all. */
export const loadTest: Board = {
  uid: 'shardnet-load-test',
  title: 'Load test',
  description:
    'A run as clients see it: offered, committed, latency, verdict. Faults are drawn in.',
  rows: [
    {
      title: 'The run',
      panels: [
        stat(
          { title: 'Running', description: load.running.help, unit: 'bool_yes_no' },
          { expression: `max by (testnet) (${raw(load.running)})`, legend: '{{testnet}}' },
        ),
        stat(
          { title: 'Generator limited', description: load.limited.help, unit: 'bool_yes_no' },
          { expression: `max by (testnet) (${raw(load.limited)})`, legend: '{{testnet}}' },
          [
            [0, 'green'],
            [1, 'red'],
          ],
        ),
        stat(
          { title: 'Verdict', description: load.verdict.help, unit: 'bool_yes_no' },
          {
            expression: `max by (testnet, verdict) (${raw(load.verdict)})`,
            legend: '{{testnet}} {{verdict}}',
          },
        ),
        stat(
          { title: 'Offered', description: recorded.load.offered.help, unit: 'cps' },
          { expression: `sum(${from(recorded.load.offered)})`, legend: 'offered' },
        ),
        stat(
          { title: 'Committed', description: recorded.load.committed.help, unit: 'cps' },
          { expression: `sum(${from(recorded.load.committed)})`, legend: 'committed' },
        ),
        stat(
          {
            title: 'Latency, p99',
            description: load.latency.help,
            unit: 's',
          },
          {
            expression: `max(${raw(load.latency, 'quantile="0.99"')})`,
            legend: 'p99',
          },
        ),
      ],
    },
    {
      title: 'Over time',
      panels: [
        plot(
          {
            title: 'Offered and committed',
            description:
              'What the schedule asks for, what clients see committed, and what validators execute. The first two part when the testnet is too slow.',
            unit: 'cps',
          },
          { expression: from(recorded.load.offered), legend: '{{testnet}} offered' },
          { expression: from(recorded.load.committed), legend: '{{testnet}} committed' },
          { expression: from(testnet.committed), legend: '{{testnet}} executed by validators' },
        ),
        plot(
          { title: 'Latency', description: load.latency.help, unit: 's' },
          { expression: raw(load.latency), legend: '{{testnet}} {{quantile}}' },
        ),
        plot(
          { title: 'Without success', description: recorded.load.unsuccessful.help, unit: 'cps' },
          { expression: from(recorded.load.unsuccessful), legend: '{{testnet}}' },
        ),
        plot(
          {
            title: 'In flight',
            description: `${load.inFlight.help} Below it: ${load.receiptsInFlight.help}`,
            unit: 'short',
          },
          { expression: raw(load.inFlight), legend: '{{testnet}} in flight' },
          { expression: raw(load.receiptsInFlight), legend: '{{testnet}} between shards' },
        ),
        plot(
          { title: 'Lateness of the generator, p99', description: load.lateness.help, unit: 's' },
          { expression: raw(load.lateness), legend: '{{testnet}}' },
        ),
        plot(
          {
            title: 'Sent and submitted',
            description: `${load.sent.help} Against what validators receive, copies included.`,
            unit: 'cps',
          },
          { expression: `rate(${raw(load.sent)}[$__rate_interval])`, legend: '{{testnet}} sent' },
          {
            expression: `sum by (testnet) (${from(shard.submitted)})`,
            legend: '{{testnet}} submitted',
          },
        ),
      ],
    },
  ],
}
