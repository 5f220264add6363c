import { z } from 'zod'
import {
  type FigureDefinition,
  figureDefinitions,
  type FigureName,
  figureNames,
  type Figures,
} from './figures.ts'

/** Version of the bench's JSON; grows when a reader of the older one would misread it. */
export const BENCH_FORMAT = 1

const FigureNames = z.enum(figureNames)

const Figure = z.strictObject({
  unit: z.string(),
  min: z.number(),
  median: z.number().describe('The figure; with one turn all three are the same.'),
  max: z.number(),
  values: z.array(z.number()).min(1).describe('One per turn, in order.'),
})

/** Everything that `npm run bench` measured: what `--json` writes. */
export const BenchResult = z.strictObject({
  format: z.literal(BENCH_FORMAT),
  startedAt: z.iso.datetime(),
  repeat: z.int().min(1).describe('Turns that each bench took.'),
  benches: z.array(z.string()).describe('Benches that ran, in order.'),
  facts: z
    .array(z.strictObject({ name: z.string(), value: z.string() }))
    .describe('Machine, versions, protocol parameters and settings of the load.'),
  figures: z
    .partialRecord(FigureNames, Figure)
    .describe(
      'By name. A figure is missing when its bench did not run, or the system cannot tell.',
    ),
  missed: z.array(z.string()).describe('Figures above their limit, in words.'),
  problems: z
    .array(z.string())
    .describe('Why figures are not to be trusted: empty when everything that must hold held.'),
})
export type BenchResult = z.infer<typeof BenchResult>

/** Least, middle and greatest value of every figure over all turns. */
export function summarise(turns: readonly Figures[]): BenchResult['figures'] {
  const figures: BenchResult['figures'] = {}
  for (const name of figureNames) {
    const values = turns.flatMap((turn) => turn[name] ?? [])
    if (values.length > 0) figures[name] = figureOf(name, values)
  }
  return figures
}

function figureOf(name: FigureName, values: number[]): z.infer<typeof Figure> {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number): number => sorted[index] ?? 0
  const middle = sorted.length >> 1
  return {
    unit: figureDefinitions[name].unit,
    min: at(0),
    median: sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2,
    max: at(sorted.length - 1),
    values,
  }
}

/** Figures whose median is above what is promised, in words. */
export function missedLimits(figures: BenchResult['figures']): string[] {
  return figureNames.flatMap((name) => {
    const { unit, atMost }: FigureDefinition = figureDefinitions[name]
    const median = figures[name]?.median
    if (median === undefined || atMost === undefined || median <= atMost) return []
    return [`${name} is ${median.toFixed(1)} ${unit}, promised are at most ${atMost}`]
  })
}

/** The JSON Schema of the bench's JSON, for `docs/bench.schema.json`. */
export function benchJsonSchema(): object {
  return {
    ...z.toJSONSchema(BenchResult, { io: 'input', target: 'draft-2020-12' }),
    $id: `https://shardnet.dev/schemas/bench-${BENCH_FORMAT}.json`,
    title: 'shardnet bench',
  }
}
