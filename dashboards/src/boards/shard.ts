import { validator } from '../catalogues.ts'
import { recorded } from '../rules/recording-rules.ts'
import type { Board } from './board.ts'
import { plot, stat, table } from './panel.ts'
import { from, rate, raw, rawPart } from './select.ts'

const { shard, instance } = recorded

/** One shard from the inside: its chain, its transactions, each of its validators. */
export const shardBoard: Board = {
  uid: 'shardnet-shard',
  title: 'Shard',
  description: 'The chain of a shard, its transactions, and each of its validators.',
  rows: [
    {
      title: 'Chain',
      panels: [
        stat(
          { title: 'Height', description: shard.height.help, unit: 'none' },
          { expression: `max by (shard) (${from(shard.height)})`, legend: 'shard {{shard}}' },
        ),
        stat(
          { title: 'Blocks', description: shard.heightRate.help, unit: 'short' },
          { expression: from(shard.heightRate), legend: 'shard {{shard}}' },
        ),
        stat(
          { title: 'Validators that answer', description: shard.validatorsUp.help, unit: 'none' },
          { expression: from(shard.validatorsUp), legend: 'shard {{shard}}' },
        ),
        stat(
          { title: 'Accounts', description: validator.accounts.help, unit: 'short' },
          { expression: `max by (shard) (${raw(validator.accounts)})`, legend: 'shard {{shard}}' },
        ),
        stat(
          { title: 'Supply', description: shard.supply.help, unit: 'short' },
          { expression: `${from(shard.supply)} or vector(0)`, legend: 'shard {{shard}}' },
        ),
        stat(
          { title: 'Order, p50', description: shard.orderP50.help, unit: 's' },
          { expression: from(shard.orderP50), legend: 'shard {{shard}}' },
        ),
      ],
    },
    {
      title: 'Transactions',
      panels: [
        plot(
          { title: 'Results', description: shard.results.help, unit: 'cps' },
          { expression: from(shard.results), legend: 'shard {{shard}} {{result}}' },
        ),
        plot(
          { title: 'Submitted', description: shard.submitted.help, unit: 'cps' },
          { expression: from(shard.submitted), legend: 'shard {{shard}}' },
        ),
        plot(
          { title: 'Refused', description: validator.refused.help, unit: 'cps' },
          {
            expression: `sum by (shard, code) (${rate(raw(validator.refused))})`,
            legend: 'shard {{shard}} {{code}}',
          },
        ),
        plot(
          {
            title: 'From batch to execution',
            description: `${shard.orderP50.help} Above it, the 99th percentile.`,
            unit: 's',
          },
          { expression: from(shard.orderP50), legend: 'shard {{shard}} p50' },
          { expression: from(shard.orderP99), legend: 'shard {{shard}} p99' },
        ),
        plot(
          {
            title: 'Transactions per batch',
            description: 'Mean number of transactions in the batches that a validator makes.',
            unit: 'short',
          },
          {
            expression: `${rate(rawPart(validator.batchTransactions, 'sum'))} / ${rate(rawPart(validator.batchTransactions, 'count'))}`,
            legend: 'shard {{shard}} {{instance}}',
          },
        ),
        plot(
          {
            title: 'Time to execute a block',
            description: `${validator.executeSeconds.help} Mean.`,
            unit: 's',
          },
          {
            expression: `${rate(rawPart(validator.executeSeconds, 'sum'))} / ${rate(rawPart(validator.executeSeconds, 'count'))}`,
            legend: 'shard {{shard}} {{instance}}',
          },
        ),
      ],
    },
    {
      title: 'Validators',
      panels: [
        table(
          {
            title: 'Committed height',
            description: validator.height.help,
            unit: 'none',
          },
          { expression: raw(validator.height), legend: '{{instance}}' },
        ),
        plot(
          { title: 'Behind the shard', description: instance.behind.help, unit: 's' },
          { expression: from(instance.behind), legend: 'shard {{shard}} {{instance}}' },
        ),
        plot(
          { title: 'Processor', description: instance.cpu.help, unit: 'short' },
          { expression: from(instance.cpu), legend: 'shard {{shard}} {{instance}}' },
        ),
        plot(
          { title: 'Memory', description: validator.residentBytes.help, unit: 'bytes' },
          { expression: raw(validator.residentBytes), legend: 'shard {{shard}} {{instance}}' },
        ),
        plot(
          {
            title: 'Event loop delay',
            description: validator.eventLoopDelaySeconds.help,
            unit: 's',
          },
          {
            expression: raw(validator.eventLoopDelaySeconds),
            legend: 'shard {{shard}} {{instance}}',
          },
        ),
        plot(
          {
            title: 'Blocks committed and not executed',
            description:
              'Votes do not wait for execution; more than eight blocks behind, blocks order nothing.',
            unit: 'short',
          },
          {
            expression: `${raw(validator.height)} - ${raw(validator.executedHeight)}`,
            legend: 'shard {{shard}} {{instance}}',
          },
        ),
        plot(
          {
            title: 'Time to make records durable',
            description: `${validator.fsyncSeconds.help} Mean.`,
            unit: 's',
          },
          {
            expression: `${rate(rawPart(validator.fsyncSeconds, 'sum'))} / ${rate(rawPart(validator.fsyncSeconds, 'count'))}`,
            legend: 'shard {{shard}} {{instance}}',
          },
        ),
        plot(
          { title: 'Log budget used', description: instance.logFull.help, unit: 'percentunit' },
          { expression: from(instance.logFull), legend: 'shard {{shard}} {{instance}}' },
        ),
      ],
    },
  ],
}
