import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AdmissionLimit } from '../../src/host/batches/admission-limit.ts'

/** The limit after some seconds at a pace per second, packed ten times a second. */
function after(pace: number, seconds: number, limit = new AdmissionLimit(8_192)): AdmissionLimit {
  for (let i = 1; i <= seconds * 10; i++) limit.onLeft(pace / 10, i * 100)
  return limit
}

test('at rest it takes what a validator can take at once', () => {
  assert.equal(new AdmissionLimit(8_192).count, 2_048)
  assert.equal(new AdmissionLimit(500).count, 500, 'a smaller configured limit wins')
})

test('it follows the pace: a second and a half of work, never more than configured', () => {
  assert.equal(after(500, 30).count, 2_048)
  const quick = after(3_000, 30).count
  assert.ok(quick > 4_200 && quick < 4_800, `${quick}`)
  assert.equal(after(50_000, 30).count, 8_192)
})

test('it shrinks again when the pace falls', () => {
  const limit = after(5_000, 30)
  for (let i = 1; i <= 300; i++) limit.onLeft(10, 30_000 + i * 100)
  assert.equal(limit.count, 2_048)
})

test('those who are turned away queue up in time: each is told when the ones before have had their turn', () => {
  const limit = after(1_000, 30)
  limit.turnAway(1, 2_048, 30_000)
  for (let i = 1; i <= 50; i++) limit.onLeft(100, 30_000 + i * 100)
  const waits = Array.from({ length: 5 }, () => limit.turnAway(1_000, 2_048, 35_000))
  assert.ok(waits[0] !== undefined && waits[0] >= 500 && waits[0] < 520, waits.join())
  waits.forEach((wait, i) =>
    assert.ok(Math.abs(wait - (waits[0] ?? 0) - 1_000 * i) < 20, waits.join()),
  )
  assert.ok(limit.turnAway(1, 2_048, 45_000) < 520, 'an old promise holds nobody up')
})

test('a validator at rest does not judge by its leisure what it can do', () => {
  assert.ok(after(2, 30).turnAway(1, 2_048, 30_000) < 500)
})

test('a validator that shows to be slow says so, up to half a minute', () => {
  const limit = new AdmissionLimit(8_192)
  for (let i = 1; i <= 300; i++) {
    limit.turnAway(1, 2_048, i * 100)
    limit.onLeft(2, i * 100)
  }
  const waits = limit.turnAway(1, 2_048, 30_000)
  assert.ok(waits >= 25_600 && waits < 25_700, `${waits}`)
  limit.turnAway(1_000, 2_048, 30_000)
  assert.equal(limit.turnAway(1, 2_048, 30_000), 30_000)
})

test('whatever leaves when: the limit stays within its bounds', () => {
  const steps = fc.array(fc.record({ count: fc.nat(10_000), gapMs: fc.nat(5_000) }), {
    maxLength: 100,
  })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20_000 }), (all, countMax) => {
      const limit = new AdmissionLimit(countMax)
      let nowMs = 0
      for (const { count, gapMs } of all) {
        nowMs += gapMs
        limit.onLeft(count, nowMs)
        assert.ok(limit.count >= 1 && limit.count <= countMax)
        const retryMs = limit.turnAway(count, limit.count, nowMs)
        assert.ok(retryMs >= 250 && retryMs <= 30_000, `${retryMs}`)
      }
    }),
  )
})
