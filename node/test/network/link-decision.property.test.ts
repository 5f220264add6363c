import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { LinkRule } from '../../src/client/link-rule.ts'
import {
  BURST_MS,
  conditionOf,
  decideFrame,
  FRESH_LINK,
  type FrameCase,
  type LinkCondition,
} from '../../src/host/network/link-decision.ts'
import { PURPOSES } from '../../src/host/network/purpose.ts'

const ROOM = Number.MAX_SAFE_INTEGER

const draw = fc.double({ min: 0, max: 0.999_999, noNaN: true })
const condition: fc.Arbitrary<LinkCondition> = fc.record({
  isPartitioned: fc.constant(false),
  latencyMs: fc.nat(2_000),
  jitterMs: fc.nat(2_000),
  reorders: fc.boolean(),
  loss: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
  bytesPerSecond: fc.oneof(fc.constant(null), fc.integer({ min: 100, max: 1_000_000 })),
})
const frame = fc.record({
  purpose: fc.constantFrom(...PURPOSES),
  bytes: fc.integer({ min: 1, max: 100_000 }),
  waitMs: fc.nat(300),
  lossDraw: draw,
  jitterDraw: draw,
})
type DrawnFrame = typeof frame extends fc.Arbitrary<infer F> ? F : never

/** One link's frames in the order of their sending, with what became of each. */
function run(rules: LinkCondition, frames: readonly DrawnFrame[], roomBytes = ROOM) {
  let memory = FRESH_LINK
  let nowMs = 1_000
  return frames.map(({ waitMs, ...drawn }) => {
    nowMs += waitMs
    const given: FrameCase = { ...drawn, nowMs, roomBytes }
    const decision = decideFrame(rules, memory, given)
    memory = decision.memory
    return { ...given, ...decision }
  })
}

test('frames of one channel never overtake each other, unless jitter is meant to reorder', () => {
  const property = fc.property(condition, fc.array(frame, { maxLength: 60 }), (rules, frames) => {
    const sent = run({ ...rules, reorders: false }, frames)
    for (const purpose of PURPOSES) {
      const releases = sent
        .filter((each) => each.purpose === purpose && each.verdict !== 'drop')
        .map(({ releaseMs }) => releaseMs)
      assert.deepEqual(
        releases,
        releases.toSorted((a, b) => a - b),
      )
    }
  })
  fc.assert(property)
})

test('with reorders, jitter does let frames overtake each other', () => {
  const jittery = {
    isPartitioned: false,
    latencyMs: 0,
    jitterMs: 100,
    reorders: true,
    loss: 0,
    bytesPerSecond: null,
  }
  const at = { purpose: 'data', bytes: 1, waitMs: 0, lossDraw: 0 } as const
  const [first, second] = run(jittery, [
    { ...at, jitterDraw: 0.9 },
    { ...at, jitterDraw: 0.1 },
  ])
  assert(first && second && second.releaseMs < first.releaseMs)
})

test('no frame is early, and without a rate none is later than latency, jitter and those before it', () => {
  const property = fc.property(condition, fc.array(frame, { maxLength: 60 }), (rules, frames) => {
    const sent = run({ ...rules, bytesPerSecond: null }, frames)
    for (const [index, each] of sent.entries()) {
      if (each.verdict === 'drop') continue
      const earliest = each.nowMs + rules.latencyMs
      assert(each.releaseMs >= earliest)
      const before = sent.slice(0, index).filter(({ verdict }) => verdict !== 'drop')
      const latest = Math.max(earliest + rules.jitterMs, ...before.map((one) => one.releaseMs))
      assert(each.releaseMs <= latest)
      assert.equal(each.verdict === 'pass', each.releaseMs <= each.nowMs)
    }
  })
  fc.assert(property)
})

test('over any stretch of time no more bytes pass than the rate and one burst allow', () => {
  const property = fc.property(
    condition,
    fc.integer({ min: 100, max: 1_000_000 }),
    fc.array(frame, { maxLength: 40 }),
    (rules, bytesPerSecond, frames) => {
      const steady = { ...rules, bytesPerSecond, latencyMs: 0, jitterMs: 0, reorders: true }
      const sent = run(steady, frames).filter(({ verdict }) => verdict !== 'drop')
      for (const [from, first] of sent.entries()) {
        let bytes = 0
        for (const last of sent.slice(from + 1)) {
          bytes += last.bytes
          const allowed = ((last.releaseMs - first.releaseMs + BURST_MS) * bytesPerSecond) / 1_000
          assert(bytes <= allowed * (1 + 1e-9) + 1e-6, `${bytes} of ${allowed}`)
        }
      }
    },
  )
  fc.assert(property)
})

test('what does not fit the room is refused and leaves no trace on the link', () => {
  const property = fc.property(
    condition,
    fc.array(frame, { maxLength: 30 }),
    fc.nat(50_000),
    (rules, frames, roomBytes) => {
      let memory = FRESH_LINK
      for (const each of run(rules, frames, roomBytes)) {
        if (each.verdict === 'later') assert(each.bytes <= roomBytes)
        if (each.verdict === 'refuse' || each.verdict === 'drop')
          assert.deepEqual(each.memory, memory)
        memory = each.memory
      }
    },
  )
  fc.assert(property)
})

test('a frame is lost exactly when its draw lies below the loss, and always on a partitioned link', () => {
  const property = fc.property(condition, fc.array(frame, { maxLength: 30 }), (rules, frames) => {
    for (const each of run(rules, frames))
      assert.equal(each.verdict === 'drop', each.lossDraw < rules.loss)
    for (const each of run({ ...rules, isPartitioned: true }, frames))
      assert.equal(each.verdict, 'drop')
  })
  fc.assert(property)
})

test('rules of one link add up, and a rule touches only its direction and its peers', () => {
  const rule = (fields: Partial<LinkRule>): LinkRule => ({
    id: 'a',
    direction: 'both',
    peers: 'all',
    isPartitioned: false,
    latencyMs: 0,
    jitterMs: 0,
    reorders: false,
    loss: 0,
    bytesPerSecond: null,
    untilMs: 0,
    ...fields,
  })
  const one = { shard: 0, validator: 1 }
  const two = { shard: 1, validator: 1 }
  const rules = [
    rule({ latencyMs: 100, loss: 0.5, bytesPerSecond: 1_000 }),
    rule({ latencyMs: 20, jitterMs: 5, loss: 0.5, bytesPerSecond: 500, direction: 'outbound' }),
    rule({ isPartitioned: true, peers: [two] }),
  ]
  assert.deepEqual(conditionOf(rules, 'outbound', one), {
    isPartitioned: false,
    latencyMs: 120,
    jitterMs: 5,
    reorders: false,
    loss: 0.75,
    bytesPerSecond: 500,
  })
  assert.equal(conditionOf(rules, 'inbound', one)?.latencyMs, 100)
  assert.equal(conditionOf(rules, 'inbound', two)?.isPartitioned, true)
  assert.equal(conditionOf(rules.slice(2), 'inbound', one), null)
})
