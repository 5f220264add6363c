import type { LoadResult } from '@shardnet/load-generator'
import { bytesText, clockText, countText, tableText } from './format.ts'

type Cost = NonNullable<LoadResult['cost']>
const ROWS_MAX = 12
const LINKS_MAX = 6

/** A cost in a few lines. */
export function costText(cost: Cost): string {
  const figures = cost.actual ?? cost.estimate
  const machines = cost.machines
    .slice(0, ROWS_MAX)
    .map((line) => [
      line.place,
      line.machineType,
      line.purchase === 'spot' ? 'spot' : 'on demand',
      countText(line.count),
      `${dollars(line.pricePerHour)}/h each${line.isVerified ? '' : ' (estimated)'}`,
    ])
  const egress = cost.egress
    .filter((line) => line.cost > 0)
    .toSorted((a, b) => b.cost - a.cost)
    .slice(0, LINKS_MAX)
    .map((line) => [
      `${line.from} to ${line.to}`,
      bytesText(Math.round(line.bytes)),
      dollars(line.cost),
    ])
  const totals =
    figures === null
      ? []
      : [
          [
            'Per hour',
            `${dollars(figures.perHour)} (machines ${dollars(figures.machinesPerHour)}, disks ${dollars(figures.disksPerHour)}, egress ${dollars(figures.egressPerHour)})`,
          ],
          ['The run', `${dollars(figures.run)} for ${clockText(figures.runMs)}`],
          ...(figures.perMillionCommitted === null
            ? []
            : [['Per million committed', dollars(figures.perMillionCommitted)]]),
        ]
  return [
    tableText(machines),
    ...(egress.length > 0 ? ['', tableText(egress)] : []),
    '',
    tableText(totals),
    `Prices as of ${cost.pricesAsOf}. ${cost.notes.join(' ')}`,
  ].join('\n')
}

/** US dollars, small ones with enough digits to be told apart from nothing. */
export function dollars(amount: number): string {
  if (amount === 0) return '$0'
  if (amount >= 1_000) return `$${Math.round(amount).toLocaleString('en-US')}`
  return amount >= 1 ? `$${amount.toFixed(2)}` : `$${amount.toPrecision(2)}`
}
