import type { CellOperationSeen } from './cell-load.ts'
import { checkLinearizable } from './linearizability.ts'
import { registerModel } from './register-model.ts'

/** What came of judging all cells. */
export interface CellVerdict {
  readonly violations: readonly string[]
  readonly operations: number
  readonly judged: number
}

/** Judges the history of every cell by itself: linearizability of each object is that of all of them (Herlihy and Wing, 1990). */
export function judgeCells(
  histories: ReadonlyMap<string, readonly CellOperationSeen[]>,
): CellVerdict {
  const violations: string[] = []
  let operations = 0
  let judged = 0
  for (const [name, history] of histories) {
    operations += history.filter(({ output }) => output !== null).length
    const verdict = checkLinearizable(registerModel, history)
    if (verdict.kind === 'linearizable') judged++
    else if (verdict.kind === 'unknown')
      violations.push(`cell ${name}: its history could not be judged in ${verdict.steps} steps`)
    else violations.push(violationText(name, history, verdict.explained))
  }
  return { violations, operations, judged }
}

const SHOWN_MAX = 6

function violationText(
  name: string,
  history: readonly CellOperationSeen[],
  explained: readonly number[],
): string {
  const done = new Set(explained)
  const left = history
    .filter((_, index) => !done.has(index))
    .toSorted((a, b) => a.returnedAt - b.returnedAt)
    .slice(0, SHOWN_MAX)
  return `cell ${name} is not linearizable: ${explained.length} of ${history.length} operations can be explained, then come ${JSON.stringify(left)}`
}
