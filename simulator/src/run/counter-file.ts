import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { InputError } from './input-error.ts'
import { emptyTotals, type Totals } from './totals.ts'

const FORMAT = 'shardnet-simulator-counter/1'

/** The state of the source tree that seeds were run on. */
export interface SourceState {
  readonly commit: string
  /** Files were changed since: what the counter says then holds for nobody else. */
  readonly isDirty: boolean
}

/** Seeds 1 .. seeds that were clean at one state of the source. */
export interface Counter extends SourceState {
  readonly seeds: number
  readonly totals: Totals
}

interface CounterDocument {
  readonly format: string
  readonly counters: readonly Counter[]
}

/** What git says about this tree. */
export function sourceState(): SourceState {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  try {
    const isDirty = git('status', '--porcelain', '--untracked-files=no') !== ''
    return { commit: git('rev-parse', 'HEAD'), isDirty }
  } catch {
    // No git, or no repository: a downloaded archive. Its seeds can be counted, not compared.
    return { commit: 'unknown', isDirty: true }
  }
}

/**
 * The counter for this state of the source; at 0 when the file has none.
 * @throws InputError when the file is not a counter of this version.
 */
export function loadCounter(file: string, state: SourceState): Counter {
  const found = readDocument(file).counters.find(
    ({ commit, isDirty }) => commit === state.commit && isDirty === state.isDirty,
  )
  return found ?? { ...state, seeds: 0, totals: emptyTotals() }
}

/** Puts the counter into the file, beside those of other commits, whole or not at all. */
export function saveCounter(file: string, counter: Counter): void {
  const others = readDocument(file).counters.filter(
    ({ commit, isDirty }) => commit !== counter.commit || isDirty !== counter.isDirty,
  )
  const document: CounterDocument = { format: FORMAT, counters: [...others, counter] }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, `${JSON.stringify(document, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}

function readDocument(file: string): CounterDocument {
  if (!existsSync(file)) return { format: FORMAT, counters: [] }
  const expected = `${file}: expected a counter file of this version (${FORMAT})`
  let document: Partial<CounterDocument>
  try {
    document = JSON.parse(readFileSync(file, 'utf8')) as Partial<CounterDocument>
  } catch {
    throw new InputError([`${expected}, got something else`])
  }
  const { format, counters } = document
  if (format !== FORMAT || !Array.isArray(counters))
    throw new InputError([`${expected}, got ${format ?? 'something else'}`])
  return { format, counters }
}
