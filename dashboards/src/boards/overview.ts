import { recorded } from '../rules/recording-rules.ts'
import { givenSeries } from '../rules/load-rules.ts'
import type { Board } from './board.ts'
import { plot, stat, type Steps } from './panel.ts'
import { from } from './select.ts'

const { shard, testnet, instance } = recorded
const allUp: Steps = [
  [0, 'red'],
  [1, 'green'],
]
const zeroIsGood: Steps = [
  [0, 'green'],
  [1, 'red'],
]

/** The first board to open: is it up, is it steady, what does it cost. */
export const overview: Board = {
  uid: 'shardnet-overview',
  title: 'Overview',
  description: 'Is the testnet up, is it steady, and what does it cost?',
  rows: [
    {
      title: 'Is it up?',
      panels: [
        stat(
          {
            title: 'Shards that commit',
            description: 'Part of the shards that committed a block in the last two minutes.',
            unit: 'percentunit',
          },
          {
            expression: `sum(${from(testnet.shardsCommitting)}) / sum(${from(testnet.shards)})`,
            legend: 'shards',
          },
          allUp,
        ),
        stat(
          {
            title: 'Validators that answer',
            description: 'Part of the validators whose metrics can be read.',
            unit: 'percentunit',
          },
          {
            expression: `sum(${from(shard.validatorsUp)}) / sum(${from(shard.validators)})`,
            legend: 'validators',
          },
          allUp,
        ),
        stat(
          { title: 'Transactions', description: testnet.committed.help, unit: 'cps' },
          { expression: `sum(${from(testnet.committed)})`, legend: 'transactions' },
        ),
        stat(
          { title: 'Order, p99', description: shard.orderP99.help, unit: 's' },
          { expression: `max(${from(shard.orderP99)}) or vector(0)`, legend: 'p99' },
        ),
        stat(
          { title: 'States that differ', description: shard.disagreement.help, unit: 'short' },
          { expression: `sum(${from(shard.disagreement)}) or vector(0)`, legend: 'shards' },
          zeroIsGood,
        ),
        stat(
          {
            title: 'Furthest behind',
            description: `${instance.behind.help} The worst of all.`,
            unit: 's',
          },
          { expression: `max(${from(instance.behind)})`, legend: 'behind' },
          [
            [0, 'green'],
            [30, 'red'],
          ],
        ),
      ],
    },
    {
      title: 'Is it steady?',
      panels: [
        plot(
          { title: 'Transactions by shard', description: testnet.committed.help, unit: 'cps' },
          {
            expression: `sum by (testnet, shard) (${from(shard.results, 'result="OK"')})`,
            legend: '{{testnet}} shard {{shard}}',
          },
        ),
        plot(
          { title: 'Blocks by shard', description: shard.heightRate.help, unit: 'short' },
          { expression: from(shard.heightRate), legend: '{{testnet}} shard {{shard}}' },
        ),
        plot(
          { title: 'Skipped views', description: shard.skipShare.help, unit: 'percentunit' },
          { expression: from(shard.skipShare), legend: '{{testnet}} shard {{shard}}' },
        ),
        plot(
          { title: 'Messages between shards', description: shard.outboxLag.help, unit: 's' },
          { expression: from(shard.outboxLag), legend: '{{testnet}} shard {{shard}}' },
        ),
      ],
    },
    {
      title: 'What does it cost?',
      panels: [
        stat(
          { title: 'Processor', description: testnet.cpu.help, unit: testnet.cpu.unit },
          { expression: `sum(${from(testnet.cpu)})`, legend: 'cores' },
        ),
        stat(
          { title: 'Memory', description: testnet.memory.help, unit: testnet.memory.unit },
          { expression: `sum(${from(testnet.memory)})`, legend: 'bytes' },
        ),
        stat(
          { title: 'Disk', description: testnet.disk.help, unit: testnet.disk.unit },
          { expression: `sum(${from(testnet.disk)})`, legend: 'bytes' },
        ),
        stat(
          { title: 'Traffic', description: testnet.traffic.help, unit: testnet.traffic.unit },
          { expression: `sum(${from(testnet.traffic)})`, legend: 'bytes' },
        ),
        stat(
          {
            title: 'Price per hour',
            description: `${givenSeries.pricePerHour.help} Zero when nobody gave a price.`,
            unit: 'currencyUSD',
          },
          { expression: `sum(${from(givenSeries.pricePerHour)}) or vector(0)`, legend: 'price' },
        ),
        stat(
          {
            title: 'Cost so far',
            description: `${testnet.cost.help} Zero when nobody gave a price.`,
            unit: 'currencyUSD',
          },
          { expression: `sum(${from(testnet.cost)}) or vector(0)`, legend: 'cost' },
        ),
        plot(
          { title: 'Processor by shard', description: instance.cpu.help, unit: 'short' },
          {
            expression: `sum by (testnet, shard) (${from(instance.cpu)})`,
            legend: '{{testnet}} shard {{shard}}',
          },
        ),
        plot(
          {
            title: 'Log budget used',
            description: `${instance.logFull.help} The fullest of each shard.`,
            unit: 'percentunit',
          },
          {
            expression: `max by (testnet, shard) (${from(instance.logFull)})`,
            legend: '{{testnet}} shard {{shard}}',
          },
        ),
      ],
    },
  ],
}
