import type { TwinsTotals } from '../twins/twins-totals.ts'
import type { Totals } from './totals.ts'

const COLUMN = 52

/** Totals for people. */
export function totalsText(totals: Totals, seconds: number): string {
  const simulatedSeconds = totals.simulatedMs / 1_000
  const lines = [
    row('seeds', number(totals.seeds)),
    row(
      '  liveness, safety, forks',
      [totals.livenessRuns, totals.safetyRuns, totals.forksCaught].map(number).join(', '),
    ),
    row('  run twice with the same trace', number(totals.repeated)),
    row('blocks', number(totals.heights)),
    row('  least height of a liveness run', number(totals.livenessHeightMin ?? 0)),
    row('events', number(totals.events)),
    row('simulated time', `${number(simulatedSeconds / 3_600)} hours`),
    row(
      'transfers',
      `${number(totals.submitted)} sent, ${number(totals.acknowledged)} acknowledged, ${number(totals.committed)} took effect`,
    ),
    row('seeds an hour', number((totals.seeds / seconds) * 3_600)),
    row('simulated seconds a second', number(simulatedSeconds / seconds)),
  ]
  return lines.join('\n')
}

/** How often each fault really happened. */
export function faultsText({ faults }: Totals): string {
  return ['faults that happened', ...countRows(faults)].join('\n')
}

function countRows(counts: Readonly<Record<string, number>>): string[] {
  const names = Object.keys(counts).sort()
  return names.map((name) => row(`  ${name}`, number(counts[name] ?? 0)))
}

/** Totals of Twins scenarios for people. */
export function twinsText(totals: TwinsTotals, seconds: number): string {
  return [
    row('Twins scenarios', number(totals.scenarios)),
    row('  in which twins equivocated', number(totals.withEquivocation)),
    row('  in which evidence was found', number(totals.withEvidence)),
    row('  in which views were skipped', number(totals.withSkip)),
    row('equivocations', number(totals.equivocations)),
    row('skips', number(totals.skips)),
    row('restarts', number(totals.restarts)),
    row('blocks', number(totals.heights)),
    row('messages cut, dropped', [totals.cut, totals.dropped].map(number).join(', ')),
    row('events', number(totals.events)),
    row('scenarios a minute', number((totals.scenarios / seconds) * 60)),
    ...countRows(totals.happened),
  ].join('\n')
}

function row(name: string, value: string): string {
  return `${name.padEnd(COLUMN)} ${value}`
}

/** A whole number as people read it. */
export function number(value: number): string {
  return Math.round(value).toLocaleString('en')
}
