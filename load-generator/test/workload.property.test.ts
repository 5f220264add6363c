import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { PaymentSource } from '../src/payments.ts'
import { Random } from '../src/random.ts'
import { WorkloadSpec, workloadOf, type Workload } from '../src/workload.ts'

const BASE: Workload = {
  profile: 'payments',
  crossShard: 0.3,
  accounts: 'uniform',
  payloadBytes: 0,
  fee: 1,
  validityHeights: 1_000,
  seed: 1,
}

test('the same seed draws the same transfers, another seed draws others', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 8 }), (seed, shards) => {
      const space = { shards, accountsPerShard: 100 }
      const draw = (of: number): unknown[] => {
        const source = new PaymentSource({ ...BASE, seed: of }, space)
        return Array.from({ length: 50 }, () => source.next())
      }
      assert.deepEqual(draw(seed), draw(seed))
      assert.notDeepEqual(draw(seed), draw(seed + 1))
    }),
    { numRuns: 50 },
  )
})

test('every transfer has a payer, another payee inside the space, and an amount', () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.nat(),
        shards: fc.integer({ min: 1, max: 5 }),
        accounts: fc.integer({ min: 2, max: 40 }),
      }),
      fc.constantFrom('uniform' as const, 'zipf' as const),
      ({ seed, shards, accounts }, popularity) => {
        const source = new PaymentSource(
          { ...BASE, seed, accounts: popularity },
          { shards, accountsPerShard: accounts },
        )
        for (let i = 0; i < 40; i++) {
          const draft = source.next()
          assert.ok(draft.payerShard < shards && draft.payeeShard < shards)
          assert.ok(draft.payerIndex < accounts && draft.payeeIndex < accounts)
          assert.ok(draft.payerShard !== draft.payeeShard || draft.payerIndex !== draft.payeeIndex)
          assert.ok(draft.amount >= 1)
        }
      },
    ),
  )
})

test('the cross-shard share is what was asked, within five standard deviations', () => {
  const draws = 20_000
  for (const share of [0, 0.3, 0.6, 0.9, 1]) {
    const source = new PaymentSource(
      { ...BASE, crossShard: share, seed: 11 },
      { shards: 4, accountsPerShard: 100 },
    )
    let crossing = 0
    for (let i = 0; i < draws; i++) {
      const draft = source.next()
      if (draft.payerShard !== draft.payeeShard) crossing += 1
    }
    const tolerance = 5 * Math.sqrt(draws * share * (1 - share))
    assert.ok(
      Math.abs(crossing - share * draws) <= tolerance,
      `share ${share}: ${crossing} of ${draws}`,
    )
  }
})

test('one shard has nothing to cross', () => {
  const source = new PaymentSource(BASE, { shards: 1, accountsPerShard: 10 })
  for (let i = 0; i < 500; i++) assert.equal(source.next().payeeShard, 0)
})

test('zipf: the most popular account pays twice as often as the second and ten times as often as the tenth', () => {
  const source = new PaymentSource(
    { ...BASE, accounts: 'zipf', seed: 5 },
    { shards: 1, accountsPerShard: 1_000 },
  )
  const draws = 200_000
  const counts = new Map<number, number>()
  for (let i = 0; i < draws; i++) {
    const { payerIndex } = source.next()
    counts.set(payerIndex, (counts.get(payerIndex) ?? 0) + 1)
  }
  const harmonic = Array.from({ length: 1_000 }, (_, i) => 1 / (i + 1)).reduce(
    (sum, term) => sum + term,
  )
  for (const rank of [1, 2, 10]) {
    const expected = draws / rank / harmonic
    const seen = counts.get(rank - 1) ?? 0
    assert.ok(
      Math.abs(seen - expected) < 5 * Math.sqrt(expected),
      `rank ${rank}: ${seen}, expected ${expected}`,
    )
  }
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

test('a workload document has defaults, and says of each wrong field what it expected', () => {
  assert.deepEqual(workloadOf(WorkloadSpec.parse({})), { ...BASE, validityHeights: 1_200 })
  const wrong = WorkloadSpec.safeParse({
    profile: 'mix',
    crossShard: '130%',
    accounts: 'all',
    payloadBytes: -1,
    sed: 1,
  })
  const paths = wrong.error?.issues.map((issue) => issue.path.join('.')) ?? []
  assert.deepEqual(paths.toSorted(), ['', 'accounts', 'crossShard', 'payloadBytes', 'profile'])
})
