import { tableText } from '../src/view/format.ts'
import type { BenchResult } from './bench-result.ts'
import { figureDefinitions, figureNames } from './figures.ts'

/** The table that people read. */
export function resultText(result: BenchResult): string {
  const hasTurns = result.repeat > 1
  const rows = figureNames.flatMap((name) => {
    const figure = result.figures[name]
    if (figure === undefined) return []
    const { unit, text } = figureDefinitions[name]
    const spread = hasTurns ? [`${numberText(figure.min)} – ${numberText(figure.max)}`] : []
    return [[name, numberText(figure.median), ...spread, unit, text]]
  })
  const facts = tableText(result.facts.map(({ name, value }) => [name, value]))
  const problems = result.problems.map((problem) => `NOT TO BE TRUSTED: ${problem}`)
  return [facts, tableText(rows), ...problems, ''].join('\n\n')
}

function numberText(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}
