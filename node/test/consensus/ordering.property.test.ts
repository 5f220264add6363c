import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { applyOrdering, genesisOrdering, type Ordering } from '../../src/core/consensus/ordering.ts'
import { ZERO_HASH } from '../../src/core/primitives/hash.ts'
import type { BlockBody } from '../../src/core/wire/block.ts'
import { faultyMaxOf, quorumOf } from '../../src/core/wire/committee.ts'

const bodies = fc.record({
  imports: fc.array(
    fc.record({
      source: fc.nat(3),
      first: fc.nat(4),
      count: fc.nat(2),
      digest: fc.constant(ZERO_HASH),
    }),
    { maxLength: 4 },
  ),
  batches: fc.array(
    fc.record({ author: fc.nat(4), sequence: fc.nat(3), digest: fc.constant(ZERO_HASH) }),
    { maxLength: 5 },
  ),
})

/** The rule told naively: walk all names ever made, and every author and source must count 1, 2, 3 without a gap. */
function isGapless(history: readonly BlockBody[], committeeSize: number, shards: number): boolean {
  const batches = history.flatMap((body) => body.batches)
  const imports = history.flatMap((body) => body.imports)
  const authorsOk = batches.every(({ author, sequence }, at) => {
    const before = batches.slice(0, at).filter((other) => other.author === author).length
    return author < committeeSize && sequence === before + 1
  })
  const sourcesOk = imports.every(({ source, first }, at) => {
    const taken = imports
      .slice(0, at)
      .reduce((sum, other) => sum + (other.source === source ? other.count : 0), 0)
    return source < shards && first === taken
  })
  const sorted = history.every((body) =>
    body.imports.every(
      ({ source }, at) => at === 0 || source >= (body.imports[at - 1]?.source ?? 0),
    ),
  )
  return authorsOk && sourcesOk && sorted
}

test('a chain of bodies is accepted exactly when every author and every source is gapless', () => {
  fc.assert(
    fc.property(fc.array(bodies, { maxLength: 4 }), (history) => {
      let ordering: Ordering = genesisOrdering(4, 3)
      let accepted = true
      for (const [at, body] of history.entries()) {
        const next = applyOrdering(ordering, body, at + 1)
        if (typeof next === 'string') {
          accepted = false
          break
        }
        ordering = next
      }
      assert.equal(accepted, isGapless(history, 4, 3))
    }),
    { numRuns: 5_000 },
  )
})

test('any two quorums share an honest member, and the honest alone reach one, for every committee size', () => {
  for (let size = 1; size <= 1_024; size++) {
    const faulty = faultyMaxOf(size)
    assert(2 * quorumOf(size) - size > faulty, `overlap at ${size}`)
    assert(quorumOf(size) <= size - faulty, `reachable at ${size}`)
  }
})
