import { tableText } from '../src/view/format.ts'
import type { BenchResult } from './bench-result.ts'
import { type FigureDefinition, figureDefinitions, figureNames } from './figures.ts'

/** The table that people read. */
export function resultText(result: BenchResult): string {
  const hasTurns = result.repeat > 1
  const rows = figureNames.flatMap((name) => {
    const figure = result.figures[name]
    if (figure === undefined) return []
    const { unit, text, atMost }: FigureDefinition = figureDefinitions[name]
    const limit = atMost === undefined ? '' : ` At most ${atMost}.`
    const spread = hasTurns ? [`${numberText(figure.min)} – ${numberText(figure.max)}`] : []
    return [[name, numberText(figure.median), ...spread, unit, `${text}${limit}`]]
  })
  const facts = tableText(result.facts.map(({ name, value }) => [name, value]))
  const problems = result.problems.map((problem) => `NOT TO BE TRUSTED: ${problem}`)
  const missed = result.missed.map((words) => `MISSED: ${words}`)
  return [facts, tableText(rows), ...missed, ...problems, ''].join('\n\n')
}

function numberText(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}
