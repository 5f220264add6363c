import { validator } from '../catalogues.ts'
import { recorded } from '../rules/recording-rules.ts'
import type { Board } from './board.ts'
import { plot } from './panel.ts'
import { from, rate, raw, rawPart } from './select.ts'

const { shard, instance } = recorded

/** How a shard agrees: views, skips, votes, certificate times. */
export const consensus: Board = {
  uid: 'shardnet-consensus',
  title: 'Consensus',
  description: 'How the validators of a shard agree: views, skips, votes and certificates.',
  rows: [
    {
      title: 'Views',
      panels: [
        plot(
          {
            title: 'Views entered, by what ended the one before',
            description:
              'A view ends well by a prepare certificate. Skip: it was given up. Commit: the validator learned of newer blocks from others.',
            unit: 'cps',
          },
          {
            expression: `quantile by (shard, reason) (0.5, ${rate(raw(validator.viewsEntered))})`,
            legend: 'shard {{shard}} {{reason}}',
          },
        ),
        plot(
          { title: 'Skipped views', description: shard.skipShare.help, unit: 'percentunit' },
          { expression: from(shard.skipShare), legend: 'shard {{shard}}' },
        ),
        plot(
          {
            title: 'Own turns skipped',
            description:
              'Views that were skipped while this validator was to propose: a line that stands out is a validator in trouble.',
            unit: 'cps',
          },
          {
            expression: rate(raw(validator.skips, 'proposer="self"')),
            legend: 'shard {{shard}} {{instance}}',
          },
        ),
        plot(
          { title: 'View', description: validator.view.help, unit: 'none' },
          { expression: raw(validator.view), legend: 'shard {{shard}} {{instance}}' },
        ),
      ],
    },
    {
      title: 'Certificates',
      panels: [
        plot(
          {
            title: 'Time to a certificate, p50',
            description: shard.certificateP50.help,
            unit: 's',
          },
          { expression: from(shard.certificateP50), legend: 'shard {{shard}} {{certificate}}' },
        ),
        plot(
          {
            title: 'Time to a certificate, p99',
            description: shard.certificateP99.help,
            unit: 's',
          },
          { expression: from(shard.certificateP99), legend: 'shard {{shard}} {{certificate}}' },
        ),
        plot(
          { title: 'Votes', description: validator.votes.help, unit: 'cps' },
          {
            expression: `sum by (shard, vote) (${rate(raw(validator.votes))})`,
            legend: 'shard {{shard}} {{vote}}',
          },
        ),
        plot(
          { title: 'Blocks proposed', description: validator.proposals.help, unit: 'cps' },
          {
            expression: `sum by (shard, content) (${rate(raw(validator.proposals))})`,
            legend: 'shard {{shard}} {{content}}',
          },
        ),
        plot(
          {
            title: 'Time of one step',
            description: `${validator.stepSeconds.help} Mean.`,
            unit: 's',
          },
          {
            expression: `${rate(rawPart(validator.stepSeconds, 'sum'))} / ${rate(rawPart(validator.stepSeconds, 'count'))}`,
            legend: 'shard {{shard}} {{instance}}',
          },
        ),
        plot(
          {
            title: 'Own batches waiting',
            description: validator.batchesWaiting.help,
            unit: 'short',
          },
          { expression: raw(validator.batchesWaiting), legend: 'shard {{shard}} {{instance}}' },
        ),
      ],
    },
    {
      title: 'Trouble',
      panels: [
        plot(
          {
            title: 'Messages of peers refused',
            description: validator.refusedMessages.help,
            unit: 'cps',
          },
          {
            expression: `sum by (shard, message) (${rate(raw(validator.refusedMessages))})`,
            legend: 'shard {{shard}} {{message}}',
          },
        ),
        plot(
          {
            title: 'Evidence of misbehaviour',
            description: validator.evidence.help,
            unit: 'short',
          },
          {
            expression: `increase(${raw(validator.evidence)}[$__rate_interval])`,
            legend: 'shard {{shard}} {{instance}}',
          },
        ),
        plot(
          { title: 'Clock offset', description: instance.clockOffset.help, unit: 's' },
          { expression: from(instance.clockOffset), legend: 'shard {{shard}} {{instance}}' },
        ),
        plot(
          { title: 'States that differ', description: shard.disagreement.help, unit: 'short' },
          {
            expression: `${from(shard.disagreement)} or vector(0)`,
            legend: 'shard {{shard}}',
          },
        ),
      ],
    },
  ],
}
