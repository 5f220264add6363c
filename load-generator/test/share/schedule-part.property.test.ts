import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ArrivalClock } from '../../src/arrival-clock.ts'
import { NOTHING_DUE, openPace, partPace, type Pace } from '../../src/pace.ts'
import { PLAN_COLUMNS, planColumn, planned } from '../../src/plan-row.ts'
import { Planner } from '../../src/planner.ts'
import { SchedulePart, type ScheduledDraft } from '../../src/share/schedule-part.ts'
import { owns } from '../../src/share/share.ts'
import { sourceOf, WorkloadSpec, workloadOf, type Workload } from '../../src/workload.ts'

const setting = fc.record({
  of: fc.integer({ min: 2, max: 16 }),
  space: fc.record({
    shards: fc.integer({ min: 1, max: 5 }),
    accountsPerShard: fc.integer({ min: 2, max: 40 }),
  }),
  workload: fc
    .record({
      profile: fc.constantFrom('payments', 'hot-account', 'cells', 'blob', 'mix'),
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
    })
    .map((each): Workload => workloadOf(WorkloadSpec.parse(each))),
  arrivals: fc.record({
    process: fc.constantFrom('poisson' as const, 'constant' as const),
    schedule: fc.array(
      fc.record({
        rate: fc.integer({ min: 1, max: 500 }),
        forMs: fc.integer({ min: 1, max: 500 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
})

type Setting = typeof setting extends fc.Arbitrary<infer Value> ? Value : never

function whole({ workload, arrivals, space }: Setting): ScheduledDraft[] {
  const clock = new ArrivalClock(arrivals, workload.seed)
  const source = sourceOf(workload, space)
  const all: ScheduledDraft[] = []
  while (clock.nextMs < Number.POSITIVE_INFINITY) {
    const scheduledMs = clock.take()
    all.push({ scheduledMs, draft: source.next(scheduledMs) })
  }
  return all
}

function part({ workload, arrivals, space, of }: Setting, index: number): ScheduledDraft[] {
  const drawn = new SchedulePart(workload, arrivals, space, { index, of })
  const mine: ScheduledDraft[] = []
  for (let next = drawn.next(); next !== null; next = drawn.next()) mine.push(next)
  return mine
}

test('the parts of several generators are one schedule: every transaction once, at its time, its payer with one of them', () => {
  fc.assert(
    fc.property(setting, (each) => {
      const parts = Array.from({ length: each.of }, (_, index) => part(each, index))
      for (const [index, mine] of parts.entries()) {
        for (const { draft } of mine)
          assert.ok(owns({ index, of: each.of }, draft.payerShard, draft.payerIndex))
      }
      const turns = parts.map(() => 0)
      // Walks the whole; each of its transactions is the next one of exactly one part.
      for (const expected of whole(each)) {
        const index = parts.findIndex((mine, at) => {
          const next = mine[turns[at] ?? 0]
          return next !== undefined && isSame(next, expected)
        })
        assert.ok(index >= 0, `nobody sends what is due at ${expected.scheduledMs} ms`)
        turns[index] = (turns[index] ?? 0) + 1
      }
      assert.deepEqual(
        turns,
        parts.map((mine) => mine.length),
        'nobody sends anything else',
      )
    }),
  )
})

function isSame(one: ScheduledDraft, other: ScheduledDraft): boolean {
  return one.scheduledMs === other.scheduledMs && one.draft.salt === other.draft.salt
}

test('every account is one generator’s, and the popular ones of different shards are with different generators', () => {
  const of = 3
  for (let account = 0; account < 10; account++) {
    const owners = [0, 1, 2].map((shard) =>
      [0, 1, 2].filter((index) => owns({ index, of }, shard, account)),
    )
    assert.ok(owners.every((each) => each.length === 1))
    assert.equal(new Set(owners.flat()).size, 3)
  }
})

test('parts are paced at the times of the whole, and end with it', () => {
  fc.assert(
    fc.property(setting, (each) => {
      const { arrivals, workload, space, of } = each
      const times = (pace: Pace): number[] => {
        const taken: number[] = []
        for (let ms = pace.take(1e9); ms !== NOTHING_DUE; ms = pace.take(1e9)) taken.push(ms)
        return taken
      }
      const expected = times(openPace(arrivals, workload.seed))
      const last = expected.at(-1) ?? 0
      const all = Array.from({ length: of }, (_, index) => {
        const pace = partPace(arrivals, new SchedulePart(workload, arrivals, space, { index, of }))
        const taken = times(pace)
        assert.ok(pace.isOver(last), 'nothing is left of it')
        assert.ok(last === 0 || !pace.isOver(last - 1e-6), 'it measures as long as the others')
        return taken
      })
      assert.deepEqual(
        all.flat().sort((one, other) => one - other),
        expected,
      )
    }),
  )
})

test('no generator signs for an account of another one, also where the drawn payer has no room', () => {
  const space = { shards: 2, accountsPerShard: 6 }
  const workload = workloadOf(WorkloadSpec.parse({}))
  const arrivals = { process: 'constant' as const, schedule: [{ rate: 2_000, forMs: 1_000 }] }
  for (const index of [0, 1, 2]) {
    const drafts = new SchedulePart(workload, arrivals, space, { index, of: 3 })
    const expected = part({ of: 3, space, workload, arrivals }, index).length
    const planner = new Planner(workload, space, { part: drafts })
    const inFlight: (readonly [account: number, nonce: number])[] = []
    let count = 0
    for (;;) {
      const rows = planner.plan(64, [0, 0])
      for (let row = 0; row < rows.length / PLAN_COLUMNS; row++) {
        const shard = planned(rows, row, planColumn.payerShard)
        const payer = planned(rows, row, planColumn.payerIndex)
        assert.ok(owns({ index, of: 3 }, shard, payer), `generator ${index} pays as ${payer}`)
        const nonce = planned(rows, row, planColumn.nonce)
        inFlight.push([planner.accountOf(shard, payer), nonce])
      }
      count += rows.length / PLAN_COLUMNS
      if (rows.length > 0) continue
      if (inFlight.length === 0) break
      // Windows are full, or the schedule is over: what has its fate makes room.
      for (const [account, nonce] of inFlight.splice(0)) planner.nonces.spend(account, nonce)
    }
    assert.ok(planner.substitutions > 0, 'windows were full')
    assert.equal(count, expected, 'what has to wait for room is not left out')
  }
})
