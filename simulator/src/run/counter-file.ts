import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { emptyTwinsTotals, mergeTwinsTotals, type TwinsTotals } from '../twins/twins-totals.ts'
import { InputError } from './input-error.ts'
import type { SourceState } from './source-state.ts'
import { emptyTotals, mergeTotals, type Totals } from './totals.ts'

const FORMAT = 'shardnet-simulator-counter/2'

/** What was clean at one state of the source: seeds 1 .. seeds, and scenarios 1 .. twins. */
export interface Counter extends SourceState {
  readonly seeds: number
  readonly totals: Totals
  readonly twins: number
  readonly twinsTotals: TwinsTotals
}

interface CounterDocument {
  readonly format: string
  readonly counters: readonly Counter[]
}

/**
 * The counter for this state of the source; at 0 when the file has none.
 * @throws InputError when the file is not a counter of this version.
 */
export function loadCounter(file: string, state: SourceState): Counter {
  const found = readDocument(file).counters.find((each) => each.fingerprint === state.fingerprint)
  const empty = { seeds: 0, totals: emptyTotals(), twins: 0, twinsTotals: emptyTwinsTotals() }
  return { ...empty, ...found, ...state }
}

/** The counter with so many more seeds. */
export function withSeeds(counter: Counter, count: number, totals: Totals): Counter {
  const sum = structuredClone(counter.totals)
  mergeTotals(sum, totals)
  return { ...counter, seeds: counter.seeds + count, totals: sum }
}

/** The counter with so many more scenarios. */
export function withTwins(counter: Counter, count: number, totals: TwinsTotals): Counter {
  const sum = { ...counter.twinsTotals }
  mergeTwinsTotals(sum, totals)
  return { ...counter, twins: counter.twins + count, twinsTotals: sum }
}

/** What the counter says, in a line. */
export function counterText(file: string, counter: Counter): string {
  const { seeds, twins, commit, isDirty } = counter
  return `${file}: ${seeds.toLocaleString('en')} seeds and ${twins.toLocaleString('en')} Twins scenarios are clean at ${commit}${isDirty ? ' with changes' : ''}`
}

/** Puts the counter into the file, beside those of other states, whole or not at all. */
export function saveCounter(file: string, counter: Counter): void {
  const others = readDocument(file).counters.filter(
    (each) => each.fingerprint !== counter.fingerprint,
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
