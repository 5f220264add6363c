import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { InputError } from './input-error.ts'
import type { Counted, SourceState } from './source-state.ts'

const FORMAT = 'shardnet-simulator-counter/2'
const WORDS = { seeds: 'seeds', twins: 'Twins scenarios' } as const satisfies Record<
  Counted,
  string
>

/** Numbers 1 .. count that were clean with one state of the source, and what they came to. */
export interface Counter<Totals> extends SourceState {
  readonly counted: Counted
  readonly count: number
  readonly totals: Totals
}

interface CounterDocument {
  readonly format: string
  readonly counters: readonly Counter<unknown>[]
}

/** How a kind of totals begins and grows. */
export interface Summing<Totals> {
  readonly emptyTotals: () => Totals
  readonly mergeTotals: (into: Totals, more: Totals) => void
}

/**
 * The counter for this state of the source; at 0 when the file has none.
 * @throws InputError when the file is not a counter of this version.
 */
export function loadCounter<Totals>(
  file: string,
  counted: Counted,
  state: SourceState,
  { emptyTotals, mergeTotals }: Summing<Totals>,
): Counter<Totals> {
  const found = readDocument(file).counters.find(isFor(counted, state))
  const totals = emptyTotals()
  if (found !== undefined) mergeTotals(totals, found.totals as Totals)
  return { ...state, counted, count: found?.count ?? 0, totals }
}

/** The counter with so many more. */
export function grownCounter<Totals>(
  counter: Counter<Totals>,
  by: { readonly count: number; readonly totals: Totals },
  { emptyTotals, mergeTotals }: Summing<Totals>,
): Counter<Totals> {
  const totals = emptyTotals()
  mergeTotals(totals, counter.totals)
  mergeTotals(totals, by.totals)
  return { ...counter, count: counter.count + by.count, totals }
}

/** What the counter says, in a line. */
export function counterText(file: string, counter: Counter<unknown>): string {
  const { count, counted, commit, isDirty } = counter
  return `${file}: ${count.toLocaleString('en')} ${WORDS[counted]} are clean at ${commit}${isDirty ? ' with changes' : ''}`
}

/** Puts the counter into the file, beside those of other states, whole or not at all. */
export function saveCounter(file: string, counter: Counter<unknown>): void {
  const isOld = isFor(counter.counted, counter)
  const others = readDocument(file).counters.filter((each) => !isOld(each))
  const document: CounterDocument = { format: FORMAT, counters: [...others, counter] }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, `${JSON.stringify(document, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}

function isFor(counted: Counted, { fingerprint }: SourceState) {
  return (each: Counter<unknown>) => each.counted === counted && each.fingerprint === fingerprint
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
