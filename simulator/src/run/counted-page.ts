import type { TwinsTotals } from '../twins/twins-totals.ts'
import type { Counter } from './counter-file.ts'
import { number } from './report.ts'
import type { Totals } from './totals.ts'

const COLUMNS = 3

/** What a counter of seeds says, as a paragraph and a table in Markdown. */
export function seedsPage({ commit, fingerprint, totals }: Counter<Totals>): string {
  const { faults } = totals
  const edges = withFront(faults, 'edge: ')
  const forged = withFront(faults, 'forged: ')
  const others = Object.entries(faults).filter(
    ([name]) => !name.startsWith('edge: ') && !name.startsWith('forged: '),
  )
  return [
    `**${number(totals.seeds)} seeds** are clean with the sources of commit \`${commit.slice(0, 7)}\` (fingerprint \`${fingerprint}\`): ` +
      `${number(totals.livenessRuns)} liveness and ${number(totals.safetyRuns)} safety runs, ${number(totals.forksCaught)} forks caught, ` +
      `${number(totals.repeated)} run twice with the same trace; ${number(totals.heights)} blocks, ${number(totals.events)} events, ` +
      `${number(totals.simulatedMs / 3_600_000)} hours of simulated time; ${number(totals.submitted)} transactions, of which ` +
      `${number(totals.acknowledged)} were acknowledged and ${number(totals.committed)} took effect.`,
    `Processes died at ${edges.length} different edges, ${number(sumOf(edges))} times in all (${rarest(edges)}). ` +
      `${number(sumOf(forged))} messages had one of ${forged.length} fields forged (${rarest(forged)}). What else happened:`,
    table('Fault', others),
  ].join('\n\n')
}

/** What a counter of Twins scenarios says. */
export function twinsPage({ commit, fingerprint, totals }: Counter<TwinsTotals>): string {
  return [
    `**${number(totals.scenarios)} Twins scenarios** are clean with the sources of commit \`${commit.slice(0, 7)}\` (fingerprint \`${fingerprint}\`): ` +
      `in ${number(totals.withEquivocation)} twins really told two things (${number(totals.equivocations)} times), in ${number(totals.withEvidence)} an honest ` +
      `validator found evidence, in ${number(totals.withSkip)} views were skipped (${number(totals.skips)} views); ${number(totals.restarts)} restarts, ` +
      `${number(totals.heights)} blocks, ${number(totals.cut)} messages cut and ${number(totals.dropped)} dropped, ${number(totals.events)} events. By kind:`,
    table('Round, or act of a twin', Object.entries(totals.happened)),
  ].join('\n\n')
}

type Count = readonly [name: string, times: number]

function withFront(counts: Readonly<Record<string, number>>, front: string): Count[] {
  return Object.entries(counts).flatMap(([name, times]) =>
    name.startsWith(front) ? [[name.slice(front.length), times] as const] : [],
  )
}

function sumOf(counts: readonly Count[]): number {
  return counts.reduce((sum, [, times]) => sum + times, 0)
}

function rarest(counts: readonly Count[]): string {
  const [first, ...rest] = counts
  if (first === undefined) return 'none'
  const [name, times] = rest.reduce((least, each) => (each[1] < least[1] ? each : least), first)
  return `the rarest, ${name}, ${times === 1 ? 'once' : `${number(times)} times`}`
}

/** Names by column, so that the eye goes down and not across. */
function table(title: string, counts: readonly Count[]): string {
  const sorted = counts
    .map(([name, times]) => [name, number(times)] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1))
  const rows = Math.ceil(sorted.length / COLUMNS)
  const cells = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: COLUMNS }, (__, column) => sorted[column * rows + row] ?? ['', '']).flat(),
  )
  const head = Array.from({ length: COLUMNS }, () => [title, 'times']).flat()
  const widths = head.map((text, column) =>
    Math.max(text.length, ...cells.map((row) => row[column]?.length ?? 0)),
  )
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, at) => (at % 2 === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, at) =>
    at % 2 === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  return [line(head), line(rule), ...cells.map(line)].join('\n')
}
