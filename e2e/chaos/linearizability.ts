/**
 * Whether a history of concurrent operations on one object can be told as one after another, each somewhere between its call and
 * its return. The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993) with Lowe's memory of states
 * already seen ("Testing for linearizability", 2017), as Porcupine does it: one key at a time, bounded.
 */

/** One operation as its client saw it. Times are of one clock; only their order counts. */
export interface Operation<Input, Output> {
  readonly input: Input
  /** Null when the client never heard what became of it: it may have happened at any time after its call, or never. */
  readonly output: Output | null
  readonly calledAt: number
  /** Infinity when it never returned. */
  readonly returnedAt: number
}

/** What the object is, as a sequential machine. */
export interface SequentialModel<State, Input, Output> {
  readonly initial: State
  /** The state after an operation with that output; null when it cannot have had that output here. A null output fits always. */
  readonly step: (state: State, input: Input, output: Output | null) => State | null
  /** Equal texts for equal states. */
  readonly keyOf: (state: State) => string
}

/** The verdict on one history. `unknown`: the search was longer than it may be. */
export type LinearizabilityVerdict =
  /** Indexes of the operations in an order that explains everything. */
  | { readonly kind: 'linearizable'; readonly order: readonly number[] }
  /** The longest beginning that could be explained. */
  | { readonly kind: 'violation'; readonly explained: readonly number[] }
  | { readonly kind: 'unknown'; readonly steps: number }

/** Call or return of an operation, in a doubly linked list in the order of time. */
interface Entry {
  readonly index: number
  readonly isCall: boolean
  match: Entry | null
  previous: Entry | null
  next: Entry | null
}

const STEPS_MAX = 2_000_000

/** Judges one history of one object. */
export function checkLinearizable<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  stepsMax = STEPS_MAX,
): LinearizabilityVerdict {
  return new Search(model, history, stepsMax).run()
}

class Search<State, Input, Output> {
  readonly #model: SequentialModel<State, Input, Output>
  readonly #history: readonly Operation<Input, Output>[]
  readonly #stepsMax: number
  readonly #head: Entry
  /** Operations in the order found so far, with the state before each. */
  readonly #taken: { readonly entry: Entry; readonly before: State }[] = []
  /** Sets of taken operations with the state they led to: never tried twice. */
  readonly #seen = new Set<string>()
  #set = 0n
  #longest: readonly number[] = []

  constructor(
    model: SequentialModel<State, Input, Output>,
    history: readonly Operation<Input, Output>[],
    stepsMax: number,
  ) {
    this.#model = model
    this.#history = history
    this.#stepsMax = stepsMax
    this.#head = entriesOf(history)
  }

  run(): LinearizabilityVerdict {
    let state = this.#model.initial
    let entry = this.#head.next
    for (let steps = 0; this.#head.next !== null; steps++) {
      if (steps >= this.#stepsMax) return { kind: 'unknown', steps }
      if (entry?.isCall === true) {
        const after = this.#tryTake(entry, state)
        if (after === null) entry = entry.next
        else {
          this.#taken.push({ entry, before: state })
          state = after
          lift(entry)
          entry = this.#head.next
        }
        continue
      }
      // A return whose operation was not taken yet: something before it was taken wrongly.
      const last = this.#taken.pop()
      if (last === undefined) return { kind: 'violation', explained: this.#longest }
      this.#note()
      this.#set ^= bitOf(last.entry)
      state = last.before
      unlift(last.entry)
      entry = last.entry.next
    }
    return { kind: 'linearizable', order: this.#taken.map((each) => each.entry.index) }
  }

  /** The state after this operation, or null when it cannot be the next one, or was tried in this situation. */
  #tryTake(entry: Entry, state: State): State | null {
    const operation = this.#history[entry.index]
    if (operation === undefined) return null
    const after = this.#model.step(state, operation.input, operation.output)
    if (after === null) return null
    const set = this.#set | bitOf(entry)
    const situation = `${set.toString(36)} ${this.#model.keyOf(after)}`
    if (this.#seen.has(situation)) return null
    this.#seen.add(situation)
    this.#set = set
    return after
  }

  #note(): void {
    if (this.#taken.length + 1 <= this.#longest.length) return
    this.#longest = this.#taken.map((each) => each.entry.index)
  }
}

function bitOf({ index }: Entry): bigint {
  return 1n << BigInt(index)
}

/** Head of the list of all calls and returns. At one moment calls come first: what touches may overlap. */
function entriesOf(history: readonly Operation<unknown, unknown>[]): Entry {
  const entries = history.flatMap(({ calledAt, returnedAt }, index) => {
    const call: Entry = { index, isCall: true, match: null, previous: null, next: null }
    const end: Entry = { index, isCall: false, match: null, previous: null, next: null }
    call.match = end
    return [
      { at: calledAt, entry: call },
      { at: returnedAt, entry: end },
    ]
  })
  entries.sort((a, b) =>
    a.at === b.at ? Number(b.entry.isCall) - Number(a.entry.isCall) : a.at < b.at ? -1 : 1,
  )
  const head: Entry = { index: -1, isCall: true, match: null, previous: null, next: null }
  let last = head
  for (const { entry } of entries) {
    last.next = entry
    entry.previous = last
    last = entry
  }
  return head
}

/** Takes an operation out of the list: it has happened. */
function lift(call: Entry): void {
  unlink(call)
  if (call.match !== null) unlink(call.match)
}

function unlink(entry: Entry): void {
  if (entry.previous !== null) entry.previous.next = entry.next
  if (entry.next !== null) entry.next.previous = entry.previous
}

/** Puts it back, in the opposite order. */
function unlift(call: Entry): void {
  if (call.match !== null) relink(call.match)
  relink(call)
}

function relink(entry: Entry): void {
  if (entry.previous !== null) entry.previous.next = entry
  if (entry.next !== null) entry.next.previous = entry
}
