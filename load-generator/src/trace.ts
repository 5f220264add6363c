/** A recorded load: when what kind of transaction was sent. */
export interface Trace {
  /** Milliseconds after the start, ascending. */
  readonly timesMs: Float64Array
  /** Places in the list of profile names that it was read with. */
  readonly kinds: Uint8Array
}

/** Something wrong with a line of a trace. */
export interface TraceProblem {
  /** Counted from 1. */
  readonly line: number
  readonly expected: string
  readonly got: string
}

const HEADER = 'timeMs,kind'
const ROWS_MAX = 10_000_000
const TIME = /^\d{1,12}(\.\d{1,6})?$/
const GOT_CHARACTERS_MAX = 40
/** A file that is no trace at all is told by its first lines. */
const PROBLEMS_MAX = 100

/**
 * Reads a CSV text with the header `timeMs,kind`: one row per transaction, times in milliseconds after the start, not falling.
 * Returns the problems, each with its line, when there are any: the first hundred.
 */
export function parseTrace(
  text: string,
  kinds: readonly string[],
): Trace | readonly TraceProblem[] {
  const lines = text.split(/\r?\n/)
  while (lines.at(-1)?.trim() === '') lines.pop()
  const [header = ''] = lines
  const problems: TraceProblem[] = []
  const problem = (line: number, expected: string, got: string): void => {
    if (problems.length < PROBLEMS_MAX)
      problems.push({ line, expected, got: JSON.stringify(got.slice(0, GOT_CHARACTERS_MAX)) })
  }
  if (header.trim() !== HEADER) problem(1, `the header ${HEADER}`, header)
  const rows = Math.max(0, lines.length - 1)
  if (rows === 0) problem(2, 'at least one row', '')
  if (rows > ROWS_MAX) problem(ROWS_MAX + 2, `at most ${ROWS_MAX} rows`, String(rows))
  if (rows > ROWS_MAX) return problems
  const timesMs = new Float64Array(rows)
  const places = new Uint8Array(rows)
  let lastMs = 0
  for (let row = 0; row < rows; row++) {
    const [time = '', kind = '', ...rest] = (lines[row + 1] ?? '').split(',').map(trimmed)
    const line = row + 2
    if (rest.length > 0) problem(line, 'two columns', lines[row + 1] ?? '')
    const place = kinds.indexOf(kind)
    if (place < 0) problem(line, `kind one of ${kinds.join(', ')}`, kind)
    places[row] = Math.max(0, place)
    const timeMs = TIME.test(time) ? Number(time) : Number.NaN
    if (Number.isNaN(timeMs)) problem(line, 'timeMs a number of milliseconds', time)
    else if (timeMs < lastMs) problem(line, `timeMs at or after ${lastMs}, the row before`, time)
    lastMs = Math.max(lastMs, Number.isNaN(timeMs) ? 0 : timeMs)
    timesMs[row] = lastMs
  }
  return problems.length > 0 ? problems : { timesMs, kinds: places }
}

/** Whether reading a trace found problems. */
export function hasTraceProblems(
  read: Trace | readonly TraceProblem[],
): read is readonly TraceProblem[] {
  return Array.isArray(read)
}

function trimmed(cell: string): string {
  return cell.trim()
}
