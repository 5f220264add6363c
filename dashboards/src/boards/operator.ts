import { operator } from '../catalogues.ts'
import type { Board } from './board.ts'
import { plot, stat } from './panel.ts'
import { rate, raw, rawPart } from './select.ts'

/** Whether the operators keep up: who writes, what waits, what fails. */
export const operatorBoard: Board = {
  uid: 'shardnet-operator',
  title: 'Operator',
  description: 'Whether the operators of hub and members keep up with what people ask for.',
  rows: [
    {
      title: 'Does it work?',
      panels: [
        stat(
          {
            title: 'Leaders',
            description: `${operator.isLeader.help} One per cluster.`,
            unit: 'none',
          },
          { expression: `sum by (cluster) (${raw(operator.isLeader)})`, legend: '{{cluster}}' },
          [
            [0, 'red'],
            [1, 'green'],
            [2, 'red'],
          ],
        ),
        stat(
          { title: 'Objects waiting', description: operator.queueDepth.help, unit: 'short' },
          { expression: `sum by (cluster) (${raw(operator.queueDepth)})`, legend: '{{cluster}}' },
        ),
        stat(
          { title: 'Oldest watch', description: operator.watchAge.help, unit: 's' },
          { expression: `max by (cluster) (${raw(operator.watchAge)})`, legend: '{{cluster}}' },
          [
            [0, 'green'],
            [300, 'red'],
          ],
        ),
        plot(
          { title: 'Looks that failed', description: operator.reconcileErrors.help, unit: 'cps' },
          {
            expression: `sum by (cluster, controller, error) (${rate(raw(operator.reconcileErrors))})`,
            legend: '{{cluster}} {{controller}} {{error}}',
          },
        ),
      ],
    },
    {
      title: 'How much?',
      panels: [
        plot(
          {
            title: 'Looks',
            description: 'Times that a controller looked at an object and decided what to do.',
            unit: 'cps',
          },
          {
            expression: `sum by (cluster, controller) (${rate(rawPart(operator.reconcileSeconds, 'count'))})`,
            legend: '{{cluster}} {{controller}}',
          },
        ),
        plot(
          {
            title: 'Time of a look, p99',
            description: `${operator.reconcileSeconds.help} 99 of 100 are quicker.`,
            unit: 's',
          },
          {
            expression: `histogram_quantile(0.99, sum by (cluster, controller, le) (${rate(rawPart(operator.reconcileSeconds, 'bucket'))}))`,
            legend: '{{cluster}} {{controller}}',
          },
        ),
        plot(
          { title: 'Requests to API servers', description: operator.apiCalls.help, unit: 'reqps' },
          {
            expression: `sum by (cluster, verb, code) (${rate(raw(operator.apiCalls))})`,
            legend: '{{cluster}} {{verb}} {{code}}',
          },
        ),
        plot(
          { title: 'Put right', description: operator.drift.help, unit: 'cps' },
          {
            expression: `sum by (cluster, kind) (${rate(raw(operator.drift))})`,
            legend: '{{cluster}} {{kind}}',
          },
        ),
        plot(
          { title: 'Watches begun anew', description: operator.watchErrors.help, unit: 'cps' },
          {
            expression: `sum by (cluster, kind) (${rate(raw(operator.watchErrors))})`,
            legend: '{{cluster}} {{kind}}',
          },
        ),
        plot(
          { title: 'Memory', description: operator.residentBytes.help, unit: 'bytes' },
          { expression: raw(operator.residentBytes), legend: '{{cluster}} {{instance}}' },
        ),
        plot(
          { title: 'Processor', description: operator.cpuSeconds.help, unit: 'short' },
          { expression: rate(raw(operator.cpuSeconds)), legend: '{{cluster}} {{instance}}' },
        ),
      ],
    },
  ],
}
