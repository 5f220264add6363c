import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { hexOf, joinBytes } from '../../src/core/primitives/bytes.ts'
import { arbitraries } from './support/arbitraries.ts'
import { codecs, type Codec, type FormatName } from './support/codecs.ts'
import { jsonOf } from './support/json-form.ts'

const RUNS = 300

/** What a network, a disk or an enemy does to bytes. */
type Damage =
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'extended'; readonly by: Uint8Array }
  | { readonly kind: 'flipped'; readonly bits: readonly number[] }
  | { readonly kind: 'replaced'; readonly at: number; readonly by: Uint8Array }

const fraction = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const damage: Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fraction }),
  fc.record({
    kind: fc.constant('extended' as const),
    by: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
  fc.record({
    kind: fc.constant('flipped' as const),
    bits: fc.array(fraction, { minLength: 1, maxLength: 3 }),
  }),
  // Lengths and counts are read from here: the largest values are the ones that hurt.
  fc.record({
    kind: fc.constant('replaced' as const),
    at: fraction,
    by: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      fc.constant(new Uint8Array(8).fill(0xff)),
      fc.constant(new Uint8Array(8)),
    ),
  }),
)

function damaged(bytes: Uint8Array, how: Damage): Uint8Array {
  const copy = bytes.slice()
  switch (how.kind) {
    case 'cut':
      return copy.subarray(0, Math.floor(how.at * bytes.length))
    case 'extended':
      return joinBytes([copy, how.by])
    case 'flipped':
      for (const bit of how.bits) {
        const at = Math.floor(bit * bytes.length * 8)
        copy[at >> 3] = (copy[at >> 3] ?? 0) ^ (1 << (at & 7))
      }
      return copy
    case 'replaced': {
      const at = Math.floor(how.at * bytes.length)
      copy.set(how.by.subarray(0, bytes.length - at), at)
      return copy
    }
  }
}

/** One value has one encoding: what is read is written again as the same bytes. Any exception but a refusal fails the test. */
function mustBeReadExactlyOrRefused<T>(codec: Codec<T>, bytes: Uint8Array): void {
  const decoded = codec.decode(bytes)
  if (decoded.kind === 'malformed') return
  assert.equal(hexOf(codec.encode(decoded.value)), hexOf(bytes))
}

function testCodec<T>(name: FormatName, codec: Codec<T>, arbitrary: Arbitrary<T>): void {
  test(`${name}: what is written is read back`, () => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        const decoded = codec.decode(codec.encode(value))
        assert.ok(decoded.kind === 'value', 'an encoding can be read')
        assert.deepEqual(jsonOf(decoded.value), jsonOf(value))
      }),
      { numRuns: RUNS },
    )
  })

  test(`${name}: damaged bytes are refused or stand for exactly one value`, () => {
    fc.assert(
      fc.property(arbitrary, damage, (value, how) => {
        mustBeReadExactlyOrRefused(codec, damaged(codec.encode(value), how))
      }),
      { numRuns: 2 * RUNS },
    )
  })

  test(`${name}: every cut is refused`, () => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        const bytes = codec.encode(value)
        if (hasOpenEnd(name, bytes)) return
        for (let length = 0; length < bytes.length; length++)
          assert.equal(codec.decode(bytes.subarray(0, length)).kind, 'malformed')
      }),
      { numRuns: 20 },
    )
  })

  test(`${name}: arbitrary bytes are refused or stand for exactly one value`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) =>
        mustBeReadExactlyOrRefused(codec, bytes),
      ),
      { numRuns: RUNS },
    )
  })
}

/** Two frames of the client stream end where their WebSocket message ends, so a cut one is another, shorter one. */
function hasOpenEnd(name: FormatName, bytes: Uint8Array): boolean {
  return (name === 'clientFrame' && bytes[0] === 2) || (name === 'serverFrame' && bytes[0] === 19)
}

// The keys of the table are the names of its type; a codec is only ever given what it made itself.
for (const name of Object.keys(codecs) as FormatName[])
  testCodec(name, codecs[name] as Codec<unknown>, arbitraries[name] as Arbitrary<unknown>)
