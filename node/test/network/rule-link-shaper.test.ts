import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LinkRule } from '../../src/client/link-rule.ts'
import type { LinkVerdict } from '../../src/host/network/link-shaper.ts'
import { purposeRules, type Purpose } from '../../src/host/network/purpose.ts'
import { RuleLinkShaper } from '../../src/host/network/rule-link-shaper.ts'

const PEER = { shard: 0, validator: 1 }

/** A shaper on clocks that only the test moves. */
class ShaperUnderTest {
  readonly expired: string[] = []
  readonly delivered: number[] = []
  nowMs = 5_000
  readonly shaper = new RuleLinkShaper((rule) => this.expired.push(rule.id), {
    nowMs: () => this.nowMs,
    wallMs: () => this.nowMs + 1_000_000,
    draw: () => 0.5,
  })

  rule(fields: Partial<LinkRule> & { readonly forMs: number }): LinkRule {
    const { forMs, ...rest } = fields
    return {
      id: 'rule',
      direction: 'both',
      peers: 'all',
      isPartitioned: false,
      latencyMs: 0,
      jitterMs: 0,
      reorders: false,
      loss: 0,
      bytesPerSecond: null,
      untilMs: this.nowMs + 1_000_000 + forMs,
      ...rest,
    }
  }

  send(number: number, bytes = 100, purpose: Purpose = 'consensus'): LinkVerdict {
    const deliver = () => void this.delivered.push(number)
    return this.shaper.shape({ direction: 'outbound', peer: PEER, purpose, bytes, deliver })
  }
}

test('a rule ends at its own deadline, and says so once', () => {
  const world = new ShaperUnderTest()
  world.shaper.set([world.rule({ isPartitioned: true, forMs: 300 })])
  assert.equal(world.send(1), 'drop')
  world.nowMs += 299
  assert.equal(world.send(2), 'drop')
  world.nowMs += 1
  assert.equal(world.send(3), 'pass')
  assert.deepEqual(world.expired, ['rule'])
  assert.deepEqual(world.shaper.rules, [])
  assert.equal(world.shaper.totals.dropped.outbound, 2)
})

test('what waits goes at once and in order when the last rule of its link goes', () => {
  const world = new ShaperUnderTest()
  world.shaper.set([world.rule({ latencyMs: 60_000, forMs: 80_000 })])
  for (const number of [1, 2, 3]) assert.equal(world.send(number), 'later')
  assert.deepEqual(world.delivered, [])
  world.shaper.set([])
  assert.deepEqual(world.delivered, [1, 2, 3])
  assert.equal(world.send(4), 'pass')
})

test('a link holds back no more bytes of one purpose than its queue may', () => {
  const world = new ShaperUnderTest()
  world.shaper.set([world.rule({ latencyMs: 10_000, forMs: 20_000 })])
  const { queueBytesMax } = purposeRules.consensus
  const half = queueBytesMax / 2
  assert.deepEqual(
    [world.send(1, half), world.send(2, half), world.send(3, 1)],
    ['later', 'later', 'refuse'],
  )
  assert.equal(world.send(4, half, 'sync'), 'later')
})

test('a held back frame is delivered by its own timer', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const shaper = new RuleLinkShaper(() => undefined)
  const world = new ShaperUnderTest()
  shaper.set([{ ...world.rule({ latencyMs: 30, forMs: 1 }), untilMs: Date.now() + 60_000 }])
  const startedMs = performance.now()
  const frame = { direction: 'inbound', peer: PEER, purpose: 'data', bytes: 1 } as const
  assert.equal(shaper.shape({ ...frame, deliver: resolve }), 'later')
  // A shaper's timers keep no process alive; this one keeps the test alive.
  const alive = setInterval(() => undefined, 1_000)
  await promise
  clearInterval(alive)
  assert(performance.now() - startedMs >= 30)
})
