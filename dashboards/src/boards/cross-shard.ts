import { validator } from '../catalogues.ts'
import { recorded } from '../rules/recording-rules.ts'
import type { Board } from './board.ts'
import { plot, stat } from './panel.ts'
import { from, rate, raw } from './select.ts'

const { shard, testnet } = recorded

/** What travels between shards, and that nothing is lost on the way. */
export const crossShard: Board = {
  uid: 'shardnet-cross-shard',
  title: 'Cross-shard',
  description:
    'Transfers between shards: how long they wait, and that no money appears or vanishes.',
  rows: [
    {
      title: 'Conservation',
      panels: [
        stat(
          { title: 'Supply', description: testnet.supply.help, unit: 'short' },
          { expression: `sum(${from(testnet.supply)})`, legend: 'supply' },
        ),
        stat(
          {
            title: 'Amount in flight',
            description:
              'Sent minus received over all shards. Each shard says it as of its own compared height, so a small negative value is a difference of moments.',
            unit: 'short',
          },
          {
            expression: `sum(${from(shard.sentAmount)}) - sum(${from(shard.receivedAmount)})`,
            legend: 'in flight',
          },
        ),
        plot(
          { title: 'Supply by shard', description: shard.supply.help, unit: 'short' },
          { expression: from(shard.supply), legend: 'shard {{shard}}' },
        ),
        plot(
          {
            title: 'Amounts sent and received',
            description:
              'Running totals of what a shard debited for others and credited from them.',
            unit: 'short',
          },
          { expression: from(shard.sentAmount), legend: 'shard {{shard}} sent' },
          { expression: from(shard.receivedAmount), legend: 'shard {{shard}} received' },
        ),
      ],
    },
    {
      title: 'Outboxes',
      panels: [
        plot(
          { title: 'Oldest message', description: shard.outboxLag.help, unit: 's' },
          { expression: from(shard.outboxLag), legend: 'shard {{shard}}' },
        ),
        plot(
          { title: 'Messages in flight', description: shard.outboxInFlight.help, unit: 'short' },
          { expression: from(shard.outboxInFlight), legend: 'shard {{shard}}' },
        ),
        plot(
          {
            title: 'Oldest message, in blocks',
            description: validator.outboxLagHeights.help,
            unit: 'short',
          },
          { expression: raw(validator.outboxLagHeights), legend: 'shard {{shard}} {{instance}}' },
        ),
      ],
    },
    {
      title: 'Imports',
      panels: [
        plot(
          { title: 'Credits taken', description: shard.imported.help, unit: 'cps' },
          { expression: from(shard.imported), legend: 'shard {{shard}}' },
        ),
        plot(
          { title: 'Bundles ordered', description: validator.imports.help, unit: 'cps' },
          {
            expression: `quantile by (shard) (0.5, ${rate(raw(validator.imports))})`,
            legend: 'shard {{shard}}',
          },
        ),
        plot(
          { title: 'Bundles received', description: validator.bundles.help, unit: 'cps' },
          {
            expression: `sum by (shard) (${rate(raw(validator.bundles))})`,
            legend: 'shard {{shard}}',
          },
        ),
      ],
    },
  ],
}
