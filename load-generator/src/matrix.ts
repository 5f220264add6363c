import { z } from 'zod'
import type { LoadResult } from './result.ts'
import { count, ms } from './result/shapes.ts'
import { verdictKinds } from './result/verdict-shape.ts'

/** Version of `matrix.json`. */
const MATRIX_FORMAT = 1

const Cell = z.strictObject({
  crossShard: z.string().describe('Share of cross-shard transfers, as the document says it.'),
  hasFaults: z.boolean(),
  folder: z.string().describe('Of its result.json and report.html, beside this file.'),
  verdict: z.enum(verdictKinds),
  reasons: z.array(z.string()),
  offeredPerSecond: z.number().min(0),
  committedPerSecond: z.number().min(0),
  p50Ms: ms.nullable(),
  p99Ms: ms.nullable(),
  committedCrossShard: count,
  committed: count,
  lost: count,
})
export type MatrixCell = z.infer<typeof Cell>

/** The figures of runs that differ in cross-shard share and in faults only: the file `matrix.json`. */
export const LoadMatrix = z.strictObject({
  format: z.literal(MATRIX_FORMAT),
  name: z.string(),
  startedAt: z.iso.datetime(),
  cells: z.array(Cell).describe('Each is a full run; in the order in which they ran.'),
  command: z.string(),
})
export type LoadMatrix = z.infer<typeof LoadMatrix>

/** Where a run stands in a matrix. */
export type MatrixPlace = Pick<MatrixCell, 'crossShard' | 'hasFaults' | 'folder'>

/** The cell of a run. */
export function matrixCellOf(place: MatrixPlace, result: LoadResult): MatrixCell {
  const { verdict, counts, latency } = result
  return {
    ...place,
    verdict: verdict.kind,
    reasons: [...verdict.reasons],
    offeredPerSecond: result.offeredPerSecond,
    committedPerSecond: result.committedPerSecond,
    p50Ms: latency.summary?.p50Ms ?? null,
    p99Ms: latency.summary?.p99Ms ?? null,
    committedCrossShard: counts.committedCrossShard,
    committed: counts.committed,
    lost: counts.lost,
  }
}

/** Puts the cells of a matrix together. */
export function matrixOf(matrix: Omit<LoadMatrix, 'format'>): LoadMatrix {
  return { format: MATRIX_FORMAT, ...matrix }
}

/** The JSON Schema of `matrix.json`, for `docs/matrix.schema.json`. */
export function matrixJsonSchema(): object {
  return {
    ...z.toJSONSchema(LoadMatrix, { io: 'input', target: 'draft-2020-12' }),
    $id: `https://shardnet.dev/schemas/matrix-${MATRIX_FORMAT}.json`,
    title: 'shardnet matrix.json',
  }
}
