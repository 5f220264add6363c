import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { checkLinearizable, type Operation } from '../../chaos/linearizability.ts'
import {
  registerModel,
  type RegisterInput,
  type RegisterOutput,
} from '../../chaos/register-model.ts'

type RegisterOperation = Operation<RegisterInput, RegisterOutput>

const done = { kind: 'done' } as const
const mismatch = { kind: 'mismatch' } as const
const get = { kind: 'get' } as const
const put = (value: string) => ({ kind: 'put', value }) as const
const cas = (expected: string | null, value: string) =>
  ({ kind: 'compareAndSet', expected, value }) as const
const read = (value: string | null) => ({ kind: 'read', value }) as const

/** One operation from `calledAt` to `returnedAt`. */
function op(
  calledAt: number,
  returnedAt: number,
  input: RegisterInput,
  output: RegisterOutput | null,
): RegisterOperation {
  return { calledAt, returnedAt, input, output }
}

const good: Readonly<Record<string, readonly RegisterOperation[]>> = {
  'nothing happened': [],
  'a cell that was never written reads as nothing': [op(0, 1, get, read(null))],
  'one after another': [op(0, 1, put('a'), done), op(2, 3, get, read('a'))],
  'a read beside a write sees either value, the old one': [
    op(0, 10, put('a'), done),
    op(1, 2, get, read(null)),
  ],
  'a read beside a write sees either value, the new one': [
    op(0, 10, put('a'), done),
    op(1, 2, get, read('a')),
  ],
  'two writes at once, and readers that agree on their order': [
    op(0, 10, put('a'), done),
    op(0, 10, put('b'), done),
    op(11, 12, get, read('a')),
    op(13, 14, get, read('a')),
  ],
  'of two compare-and-sets at once one wins': [
    op(0, 10, cas(null, 'a'), done),
    op(0, 10, cas(null, 'b'), mismatch),
    op(11, 12, get, read('a')),
  ],
  'a write without an answer may have happened late': [
    op(0, Infinity, put('a'), null),
    op(1, 2, get, read(null)),
    op(3, 4, get, read('a')),
  ],
  'a write without an answer may never have happened': [
    op(0, Infinity, put('a'), null),
    op(1, 2, get, read(null)),
    op(100, 101, get, read(null)),
  ],
  'a compare-and-set without an answer explains a later success': [
    op(0, Infinity, cas(null, 'a'), null),
    op(1, 2, cas('a', 'b'), done),
    op(3, 4, get, read('b')),
  ],
}

const bad: Readonly<Record<string, readonly RegisterOperation[]>> = {
  'a stale read after the write returned': [
    op(0, 1, put('a'), done),
    op(2, 3, put('b'), done),
    op(4, 5, get, read('a')),
  ],
  'a lost write': [op(0, 1, put('a'), done), op(2, 3, get, read(null))],
  'a value from nowhere': [op(0, 1, put('a'), done), op(2, 3, get, read('z'))],
  'two readers that disagree on the order of two writes': [
    op(0, 10, put('a'), done),
    op(0, 10, put('b'), done),
    op(11, 12, get, read('a')),
    op(13, 14, get, read('b')),
    op(15, 16, get, read('a')),
  ],
  'two compare-and-sets from one value both succeed': [
    op(0, 10, cas(null, 'a'), done),
    op(0, 10, cas(null, 'b'), done),
  ],
  'a mismatch though nobody changed the cell': [op(0, 1, cas(null, 'a'), mismatch)],
  'a write without an answer seen and then unseen': [
    op(0, Infinity, put('a'), null),
    op(1, 2, get, read('a')),
    op(3, 4, get, read(null)),
  ],
  'a read of a write that was called only later': [
    op(0, 1, get, read('a')),
    op(2, 3, put('a'), done),
  ],
}

for (const [name, history] of Object.entries(good)) {
  test(`good: ${name}`, () => {
    const verdict = checkLinearizable(registerModel, history)
    assert.equal(verdict.kind, 'linearizable')
  })
}

for (const [name, history] of Object.entries(bad)) {
  test(`bad: ${name}`, () => {
    assert.equal(checkLinearizable(registerModel, history).kind, 'violation')
  })
}

test('a search that is longer than it may be is unknown, never a verdict', () => {
  const writes = Array.from({ length: 12 }, (_, index) => op(0, 100, put(String(index)), done))
  const history = [...writes, op(101, 102, get, read('none of them'))]
  assert.equal(checkLinearizable(registerModel, history, 1_000).kind, 'unknown')
})

/** The same question by trying every order: slow, short, and sharing nothing with the search. */
function isLinearizableByForce(history: readonly RegisterOperation[]): boolean {
  const extend = (left: readonly number[], state: typeof registerModel.initial): boolean => {
    if (left.every((index) => history[index]?.output === null)) return true
    return left.some((index) => {
      const next = history[index]
      assert(next)
      // Nothing that is left may have returned before this one was called.
      if (left.some((other) => (history[other]?.returnedAt ?? 0) < next.calledAt)) return false
      const after = registerModel.step(state, next.input, next.output)
      return (
        after !== null &&
        extend(
          left.filter((other) => other !== index),
          after,
        )
      )
    })
  }
  return extend(
    history.map((_, index) => index),
    registerModel.initial,
  )
}

const value = fc.constantFrom('a', 'b')
const maybe = fc.constantFrom(null, 'a', 'b')
const operation: fc.Arbitrary<RegisterOperation> = fc
  .record({
    calledAt: fc.nat(12),
    lengthMs: fc.nat(8),
    isLost: fc.nat(5),
    drawn: fc.oneof(
      fc.record({ input: fc.constant(get), output: maybe.map(read) }),
      fc.record({ input: value.map(put), output: fc.constant(done) }),
      fc.record({
        input: fc.tuple(maybe, value).map(([expected, next]) => cas(expected, next)),
        output: fc.constantFrom(done, mismatch),
      }),
    ),
  })
  .map(({ calledAt, lengthMs, isLost, drawn }) => {
    const wasLost = isLost === 0
    const returnedAt = wasLost ? Number.POSITIVE_INFINITY : calledAt + lengthMs
    return { calledAt, returnedAt, input: drawn.input, output: wasLost ? null : drawn.output }
  })

test('the search and the brute-force twin agree on every small history', () => {
  let linearizable = 0
  let violations = 0
  const property = fc.property(fc.array(operation, { maxLength: 6 }), (history) => {
    const { kind } = checkLinearizable(registerModel, history)
    const expected = isLinearizableByForce(history)
    assert.equal(kind, expected ? 'linearizable' : 'violation')
    if (expected) linearizable++
    else violations++
  })
  fc.assert(property, { numRuns: 4_000 })
  assert(linearizable > 400 && violations > 400, `${linearizable} and ${violations}`)
})

test('the order that is told explains the history, step by step and in real time', () => {
  const property = fc.property(fc.array(operation, { maxLength: 8 }), (history) => {
    const verdict = checkLinearizable(registerModel, history)
    if (verdict.kind !== 'linearizable') return
    assert.deepEqual(
      verdict.order.toSorted((a, b) => a - b),
      history.map((_, index) => index),
    )
    let state = registerModel.initial
    for (const [at, index] of verdict.order.entries()) {
      const here = history[index]
      assert(here)
      const later = verdict.order.slice(at + 1)
      assert(later.every((other) => (history[other]?.returnedAt ?? 0) >= here.calledAt))
      const after = registerModel.step(state, here.input, here.output)
      assert(after)
      state = after
    }
  })
  fc.assert(property, { numRuns: 2_000 })
})

/** Clients that use a true register, each operation happening at one drawn moment inside of its call. */
const honestHistory = fc
  .array(
    fc.record({
      at: fc.double({ min: 0, max: 1_000, noNaN: true }),
      before: fc.nat(30),
      after: fc.nat(30),
      input: fc.oneof(
        fc.constant(get),
        value.map(put),
        fc.tuple(maybe, value).map(([expected, next]) => cas(expected, next)),
      ),
    }),
    { maxLength: 120 },
  )
  .map((drawn) => {
    let state: string | null = null
    return drawn
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, before, after, input }): RegisterOperation => {
        const seen = state
        const fits = input.kind === 'compareAndSet' && input.expected === seen
        if (input.kind === 'put' || fits) state = input.value
        const output =
          input.kind === 'get' ? read(seen) : input.kind === 'put' || fits ? done : mismatch
        return op(at - before, at + after, input, output)
      })
  })

test('long histories of a true register are linearizable, and found so within the bound', () => {
  const property = fc.property(honestHistory, (history) => {
    assert.equal(checkLinearizable(registerModel, history).kind, 'linearizable')
  })
  fc.assert(property, { numRuns: 200 })
})
