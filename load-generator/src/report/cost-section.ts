import type { LoadResult } from '../result.ts'
import { bytesText, countText, dollarText, timeText } from './figures.ts'
import { markup, type Markup } from './markup.ts'
import { figureTable, section } from './tables.ts'

type Cost = NonNullable<LoadResult['cost']>
type Figures = NonNullable<Cost['actual']>

/** What the run costs by the dated price table; nothing when nothing of it has a price. */
export function costSection({ cost }: LoadResult): Markup {
  if (cost === null) return markup``
  const notes = cost.notes.map((note) => markup`<li>${note}</li>`)
  return section(
    'cost',
    'Cost',
    markup`<p class="quiet">In US dollars, by prices of ${cost.pricesAsOf}.${budgetText(cost)}</p>`,
    figuresTable(cost),
    machineTable(cost),
    egressTable(cost),
    notes.length === 0 ? markup`` : markup`<ul class="notes">${notes}</ul>`,
  )
}

function budgetText({ budget }: Cost): string {
  if (budget === null) return ''
  const spent = `${dollarText(budget.spent)} of a budget of ${dollarText(budget.limit)} spent`
  return ` ${spent}${budget.endedTheRun ? ', which ended the run' : ''}.`
}

function figuresTable({ estimate, actual }: Cost): Markup {
  const cell = (figures: Figures | null, of: (figures: Figures) => string): string =>
    figures === null ? '–' : of(figures)
  const row = (name: string, of: (figures: Figures) => string): string[] => [
    name,
    cell(estimate, of),
    cell(actual, of),
  ]
  return figureTable(
    'Cost before and after',
    ['', 'Estimated before', 'Measured after'],
    [
      row('Per million committed', ({ perMillionCommitted }) =>
        perMillionCommitted === null ? '–' : dollarText(perMillionCommitted),
      ),
      row('The run', ({ run, runMs }) => `${dollarText(run)} for ${timeText(runMs)}`),
      row('Per hour', ({ perHour }) => dollarText(perHour)),
      row('Machines per hour', ({ machinesPerHour }) => dollarText(machinesPerHour)),
      row('Disks per hour', ({ disksPerHour }) => dollarText(disksPerHour)),
      row('Egress per hour', ({ egressPerHour }) => dollarText(egressPerHour)),
    ],
  )
}

function machineTable({ machines }: Cost): Markup {
  if (machines.length === 0) return markup``
  const words = ['Region', 'Type', 'Bought'].map((each) => ({ words: each }))
  const heads = ['Machines', ...words, 'Count', 'Per hour and machine']
  const rows = machines.map((machine) => [
    machine.place,
    `${machine.cloud} ${machine.region}`,
    machine.machineType,
    machine.purchase === 'spot' ? 'spot' : 'on demand',
    countText(machine.count),
    `${dollarText(machine.pricePerHour)}${machine.isVerified ? '' : ' (derived)'}`,
  ])
  return figureTable('Machines', heads, rows)
}

function egressTable({ egress }: Cost): Markup {
  if (egress.length === 0) return markup``
  const rows = egress.map((link) => [
    `${link.from} to ${link.to}`,
    `${bytesText(link.bytes)}${link.isMeasured ? '' : ' (estimated)'}`,
    dollarText(link.pricePerGigabyte),
    dollarText(link.cost),
  ])
  return figureTable('Egress', ['Egress', 'Bytes', 'Per GB', 'Cost'], rows)
}
