import type { LoadMatrix, MatrixCell } from '@shardnet/load-generator'
import type { Testnet } from '@shardnet/operator/api'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { latencyText, tableText } from '../view/format.ts'
import { openRunView } from '../view/run-view.ts'
import type { PlannedCell } from './matrix-plan.ts'
import { reportFilesFor, writeReport } from './results.ts'
import { startRun } from './start-run.ts'

/** What a matrix is told. */
export interface MatrixRequest {
  readonly testnet: Testnet
  readonly isNamed: boolean
  readonly cells: readonly PlannedCell[]
  readonly folder: string
  readonly command: string
  readonly stream: NodeJS.WriteStream
}

/** A matrix that ran, as far as it came. */
export interface DoneMatrix {
  readonly matrix: LoadMatrix
  /** File of its page. */
  readonly page: string
}

/**
 * Runs one cell after the other, each on a testnet of its own, each with its own report. After every cell the matrix so far is
 * written, so that an interruption loses no run that was over.
 */
export async function runMatrix(request: MatrixRequest): Promise<DoneMatrix> {
  const { folder, command, stream } = request
  const { matrixCellOf } = await import('@shardnet/load-generator')
  const startedAt = new Date().toISOString()
  const cells: MatrixCell[] = []
  let done = await written(request, startedAt, cells)
  for (const [index, planned] of request.cells.entries()) {
    const { crossShard, hasFaults, loadTest } = planned
    const words = `${crossShard} cross-shard, ${hasFaults ? 'with' : 'without'} faults`
    stream.write(`\n${index + 1} of ${request.cells.length}: ${words}\n`)
    const files = await reportFilesFor(join(folder, planned.folder))
    const finished = await startRun({
      documents: { testnet: request.testnet, loadTest },
      isNamed: request.isNamed,
      portsFrom: null,
      startMs: performance.now(),
      command: `${command}   # ${words}`,
      reportFolder: files.folder,
      view: await openRunView(stream),
    })
    if (finished === null) return done
    await writeReport(files, finished.result)
    cells.push(matrixCellOf({ crossShard, hasFaults, folder: planned.folder }, finished.result))
    done = await written(request, startedAt, cells)
    if (finished.result.interrupted) return done
  }
  return done
}

async function written(
  { folder, testnet, command }: MatrixRequest,
  startedAt: string,
  cells: readonly MatrixCell[],
): Promise<DoneMatrix> {
  const { matrixOf, renderMatrix } = await import('@shardnet/load-generator')
  const { name } = testnet.metadata
  const matrix = matrixOf({ name, startedAt, cells: [...cells], command })
  const page = join(folder, 'matrix.html')
  await writeFile(join(folder, 'matrix.json'), `${JSON.stringify(matrix, null, 2)}\n`)
  await writeFile(page, renderMatrix(matrix))
  return { matrix, page }
}

/** The matrix as a table of a few lines. */
export function matrixText({ cells }: LoadMatrix): string {
  const rows = cells.map((cell) => [
    cell.crossShard,
    cell.hasFaults ? 'faults' : '–',
    `${cell.offeredPerSecond.toFixed(1)}/s`,
    `${cell.committedPerSecond.toFixed(1)}/s`,
    latencyText(cell.p50Ms),
    latencyText(cell.p99Ms),
    String(cell.lost),
    cell.verdict,
  ])
  const heads = ['CROSS-SHARD', 'FAULTS', 'OFFERED', 'COMMITTED', 'P50', 'P99', 'LOST', 'VERDICT']
  return tableText([heads, ...rows])
}
