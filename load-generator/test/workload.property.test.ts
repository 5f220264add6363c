import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { draftBytes } from '../src/plan-row.ts'
import { draftKind, type Draft, type Field } from '../src/profiles/profile.ts'
import { simpleProfileNames, simpleProfiles } from '../src/profiles/table.ts'
import { Random } from '../src/random.ts'
import { transactionBytesMaxOf } from '../src/transaction-bytes.ts'
import {
  payloadBytesMaxOf,
  profileNames,
  settingsOf,
  sourceOf,
  WorkloadSpec,
  workloadOf,
  type ProfileName,
  type Workload,
} from '../src/workload.ts'

const BASE: Workload = { profile: 'payments', fee: 1, validityHeights: 1_200, seed: 1 }
const TRACE = { timesMs: Float64Array.of(0, 1, 2, 3), kinds: Uint8Array.of(0, 1, 2, 3) }

function workload(changes: Partial<Workload>): Workload {
  return { ...BASE, trace: TRACE, ...changes }
}

function draw(of: Workload, space = { shards: 4, accountsPerShard: 100 }, count = 50): Draft[] {
  const source = sourceOf(of, space)
  return Array.from({ length: count }, (_, i) => source.next(i * 10))
}

const profileArbitrary = fc.constantFrom(...profileNames)

test('the same seed draws the same transactions, another seed draws others, whatever the profile', () => {
  fc.assert(
    fc.property(
      profileArbitrary,
      fc.nat(),
      fc.integer({ min: 1, max: 8 }),
      (profile, seed, shards) => {
        const space = { shards, accountsPerShard: 100 }
        const of = (value: number): Draft[] => draw(workload({ profile, seed: value }), space)
        assert.deepEqual(of(seed), of(seed))
        assert.notDeepEqual(of(seed), of(seed + 1))
      },
    ),
    { numRuns: 60 },
  )
})

test('every transaction has a payer and what its kind needs, inside the space and the bounds', () => {
  fc.assert(
    fc.property(
      fc.record({
        profile: profileArbitrary,
        seed: fc.nat(),
        shards: fc.integer({ min: 1, max: 5 }),
        accountsPerShard: fc.integer({ min: 2, max: 40 }),
        accounts: fc.constantFrom('uniform' as const, 'zipf' as const),
        blobBytesMax: fc.integer({ min: 0, max: 65_536 }),
      }),
      ({ profile, seed, shards, accountsPerShard, accounts, blobBytesMax }) => {
        const of = workload({ profile, seed, accounts, blobBytesMax, cellsPerShard: 9 })
        const limits = { payload: payloadBytesMaxOf(of), bytes: transactionBytesMaxOf(of) }
        for (const draft of draw(of, { shards, accountsPerShard }, 60)) {
          assert.ok(draft.payerShard < shards && draft.payerIndex < accountsPerShard)
          assert.ok(draft.payloadBytes <= limits.payload && draftBytes(draft) <= limits.bytes)
          if (draft.kind === draftKind.transfer) mustBeTransfer(draft, { shards, accountsPerShard })
          else mustBeOnCell(draft, 9)
        }
      },
    ),
  )
})

function mustBeTransfer(
  draft: Draft,
  { shards, accountsPerShard }: { readonly shards: number; readonly accountsPerShard: number },
): void {
  assert.ok(draft.payeeShard < shards && draft.payeeIndex < accountsPerShard)
  assert.ok(draft.payerShard !== draft.payeeShard || draft.payerIndex !== draft.payeeIndex)
  assert.ok(draft.amount >= 1)
}

/** A cell's key starts with a slot of the payer's shard, so nothing else of it leaves the shard. */
function mustBeOnCell(draft: Draft, cellsPerShard: number): void {
  assert.equal(draft.payeeShard, draft.payerShard)
  assert.equal(draft.amount, 0)
  assert.ok(draft.cell < cellsPerShard)
  assert.equal(draft.value > 0, draft.kind !== draftKind.get)
  if (draft.kind !== draftKind.compareAndSet) assert.equal(draft.expected, 0)
}

function share(drafts: readonly Draft[], holds: (draft: Draft) => boolean): number {
  return drafts.filter(holds).length / drafts.length
}

function near(measured: number, expected: number, draws: number): void {
  const tolerance = 5 * Math.sqrt((expected * (1 - expected)) / draws) + 1e-9
  assert.ok(Math.abs(measured - expected) <= tolerance, `${measured}, expected ${expected}`)
}

const crosses = (draft: Draft): boolean => draft.payerShard !== draft.payeeShard

test('payments: the cross-shard share is what was asked, within five standard deviations', () => {
  for (const crossShard of [0, 0.3, 0.6, 0.9, 1])
    near(
      share(draw(workload({ crossShard, seed: 11 }), undefined, 20_000), crosses),
      crossShard,
      20_000,
    )
})

test('one shard has nothing to cross', () => {
  for (const draft of draw(workload({}), { shards: 1, accountsPerShard: 10 }, 500))
    assert.equal(draft.payeeShard, 0)
})

test('zipf: the most popular account pays twice as often as the second and ten times as often as the tenth', () => {
  const draws = 200_000
  const space = { shards: 1, accountsPerShard: 1_000 }
  const drafts = draw(workload({ accounts: 'zipf', seed: 5 }), space, draws)
  const harmonic = Array.from({ length: 1_000 }, (_, i) => 1 / (i + 1)).reduce(
    (sum, term) => sum + term,
  )
  for (const rank of [1, 2, 10])
    near(
      share(drafts, ({ payerIndex }) => payerIndex === rank - 1),
      1 / rank / harmonic,
      draws,
    )
})

test('hot-account: one account is paid by the asked share, from all shards, each bid above the last', () => {
  const drafts = draw(
    workload({ profile: 'hot-account', hotShare: 0.8, seed: 6 }),
    undefined,
    20_000,
  )
  const isBid = (draft: Draft): boolean => draft.payeeShard === 2 && draft.payeeIndex === 0
  // Ordinary payments reach the account too: one in 400 of the others.
  near(share(drafts, isBid), 0.8 + 0.2 / 400, 20_000)
  assert.deepEqual(
    [...new Set(drafts.filter(isBid).map((draft) => draft.payerShard))].toSorted((a, b) => a - b),
    [0, 1, 2, 3],
  )
  const bids = drafts.filter((draft) => isBid(draft) && draft.amount > 100).map((bid) => bid.amount)
  assert.ok(bids.slice(0, 500).every((bid, i) => i === 0 || bid === (bids[i - 1] ?? 0) + 1))
})

test('cells: shares of kinds, values that name their write, expectations that follow the plan', () => {
  const of = workload({ profile: 'cells', gets: 0.5, compareAndSets: 0.4, cellsPerShard: 5 })
  const drafts = draw(of, undefined, 20_000)
  near(
    share(drafts, ({ kind }) => kind === draftKind.get),
    0.5,
    20_000,
  )
  near(
    share(drafts, ({ kind }) => kind === draftKind.compareAndSet),
    0.2,
    20_000,
  )
  const held = new Map<string, number>()
  const seen = new Set<number>()
  for (const { kind, payerShard, cell, value, expected } of drafts) {
    if (kind === draftKind.get) continue
    const key = `${payerShard}/${cell}`
    if (kind === draftKind.compareAndSet) assert.equal(expected, held.get(key) ?? 0)
    assert.ok(!seen.has(value), 'no value is written twice')
    seen.add(value)
    held.set(key, value)
  }
})

test('blob: every size between the bounds is as likely', () => {
  const of = workload({ profile: 'blob', blobBytesMin: 1_000, blobBytesMax: 1_099 })
  const counts = new Float64Array(100)
  for (const { payloadBytes } of draw(of, undefined, 50_000)) {
    assert.ok(payloadBytes >= 1_000 && payloadBytes <= 1_099)
    counts[payloadBytes - 1_000] = (counts[payloadBytes - 1_000] ?? 0) + 1
  }
  // Chi-squared with 99 degrees of freedom: standard deviation 14.
  const chiSquared = counts.reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0)
  assert.ok(Math.abs(chiSquared - 99) < 5 * 14.1, `${chiSquared}`)
})

test('mix: weights hold within their phase and change with it, and the first phase comes again', () => {
  const phases = [
    { forMs: 1_000, weights: { payments: 3, cells: 1 } },
    { forMs: 500, weights: { blob: 1 } },
  ]
  const of = workload({ profile: 'mix', phases, payloadBytes: 0, blobBytesMin: 1 })
  const source = sourceOf(of, { shards: 2, accountsPerShard: 50 })
  const at = (timeMs: number): Draft[] => Array.from({ length: 8_000 }, () => source.next(timeMs))
  const isCell = ({ kind }: Draft): boolean => kind !== draftKind.transfer
  near(share(at(0), isCell), 0.25, 8_000)
  near(share(at(999), isCell), 0.25, 8_000)
  assert.ok(at(1_000).every(({ payloadBytes }) => payloadBytes > 0))
  assert.ok(at(1_499).every(({ payloadBytes }) => payloadBytes > 0))
  near(share(at(1_500), isCell), 0.25, 8_000)
})

test('trace: the kinds come in the order of the file', () => {
  const kinds = ['payments', 'cells', 'cells', 'blob', 'payments'].map((name) =>
    simpleProfileNames.findIndex((each) => each === name),
  )
  const trace = { timesMs: new Float64Array(5), kinds: Uint8Array.from(kinds) }
  const drafts = draw(workload({ profile: 'trace', trace, blobBytesMin: 1 }), undefined, 5)
  assert.deepEqual(
    drafts.map(({ kind, payloadBytes }) => (kind > 1 ? 'cell' : payloadBytes > 0 ? 'blob' : 'pay')),
    ['pay', 'cell', 'cell', 'blob', 'pay'],
  )
})

test('the generator of chance is uniform by a chi-squared test over 256 bins', () => {
  const random = new Random(2, 'test')
  const bins = new Float64Array(256)
  const draws = 256_000
  for (let i = 0; i < draws; i++) {
    const bin = random.below(256)
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  const chiSquared = bins.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)
  // 255 degrees of freedom: mean 255, standard deviation 22.6.
  assert.ok(Math.abs(chiSquared - 255) < 5 * 22.6, `${chiSquared}`)
})

test('streams of one seed with different labels have nothing in common', () => {
  const [a, b] = [new Random(1, 'payments'), new Random(1, 'arrivals')]
  const equal = Array.from({ length: 1_000 }, () => a.u32() === b.u32()).filter(Boolean).length
  assert.ok(equal <= 1)
})

test('profiles that share the name of a field share the field: a document has one of each', () => {
  const seen = new Map<string, Field>()
  for (const name of simpleProfileNames) {
    for (const [field, value] of Object.entries<Field>(simpleProfiles[name].fields)) {
      assert.equal(seen.get(field) ?? value, value, `${field} of ${name}`)
      seen.set(field, value)
    }
  }
})

test('a workload document has the fields of its profile with their fallbacks, and reads back', () => {
  assert.deepEqual(WorkloadSpec.parse({}), {
    profile: 'payments',
    crossShard: '30%',
    accounts: 'uniform',
    payloadBytes: 0,
    fee: 1,
    validityHeights: 1_200,
    seed: 1,
  })
  const given: Readonly<Partial<Record<ProfileName, object>>> = { trace: { file: 'a.csv' } }
  for (const profile of profileNames) {
    const once = WorkloadSpec.parse({ profile, ...given[profile] })
    assert.deepEqual(WorkloadSpec.parse(once), once)
    assert.deepEqual(Object.keys(settingsOf(workloadOf(once))).toSorted(), ownFields(once))
  }
  assert.equal(workloadOf(WorkloadSpec.parse({ crossShard: '45%' })).crossShard, 0.45)
})

function ownFields(spec: WorkloadSpec): string[] {
  const common = new Set(['profile', 'fee', 'validityHeights', 'seed'])
  return Object.keys(spec)
    .filter((name) => !common.has(name))
    .toSorted()
}

function problemPaths(value: unknown): string[] {
  const issues = WorkloadSpec.safeParse(value).error?.issues ?? []
  return issues
    .flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')]))
    .toSorted()
}

test('a workload document with every kind of mistake names each of them', () => {
  assert.deepEqual(
    problemPaths({ crossShard: '130%', accounts: 'all', payloadBytes: -1, sed: 1, gets: '5%' }),
    ['accounts', 'crossShard', 'gets', 'payloadBytes', 'sed'],
  )
  assert.deepEqual(problemPaths({ profile: 'swaps', fee: -1 }), ['fee', 'profile'])
  assert.deepEqual(problemPaths({ profile: 'cells', crossShard: '30%', cellsPerShard: 0 }), [
    'cellsPerShard',
    'crossShard',
  ])
  assert.deepEqual(problemPaths({ profile: 'blob', blobBytesMin: 9, blobBytesMax: 8 }), [
    'blobBytesMin',
  ])
  assert.deepEqual(problemPaths({ profile: 'trace' }), ['file'])
  assert.deepEqual(
    problemPaths({
      profile: 'mix',
      phases: [
        { for: '0s', weights: { payments: 0 } },
        { for: '1s', weights: { mix: 1 } },
      ],
    }),
    ['mix', 'phases.0.for', 'phases.0.weights', 'phases.1.weights'],
  )
})
