import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FaultPlan } from '../../src/api/door.ts'
import {
  type FaultStep,
  type FaultTarget,
  type ObservedCommittee,
  planFault,
  problemsOfSelector,
} from '../../src/plan/door.ts'

const committees: fc.Arbitrary<readonly ObservedCommittee[]> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 4, max: 10 }))
  .chain(([shards, size]) =>
    fc.tuple(
      ...Array.from({ length: shards }, (_, shard) =>
        fc.record({
          shard: fc.constant(shard),
          size: fc.constant(size),
          proposer: fc.option(fc.nat(size - 1)),
        }),
      ),
    ),
  )

const selector = fc.record(
  {
    shards: fc.array(fc.nat(5), { maxLength: 4 }),
    validators: fc.array(fc.nat(11), { maxLength: 6 }),
    role: fc.constantFrom('Proposer', 'FaultyMinority'),
  },
  { requiredKeys: [] },
)

const ACTIONS = [
  { action: 'kill' },
  { action: 'pause', for: '1s' },
  { action: 'partition', for: '1s' },
  { action: 'delay', for: '1s', latency: '50ms', jitter: '10ms' },
  { action: 'loss', for: '1s', share: '12.5%' },
  { action: 'bandwidth', for: '1s', bytesPerSecond: '64Ki' },
] as const

const fault = fc
  .record({ kind: fc.constantFrom(...ACTIONS), selector })
  .map(({ kind, selector: chosen }) => FaultPlan.parse({ ...kind, selector: chosen }))

function nameOf({ shard, validator }: FaultTarget): string {
  return `${shard}/${validator}`
}

function namesOf(steps: readonly FaultStep[]): readonly string[] {
  return steps.map(({ target }) => nameOf(target))
}

/** Who should be hit, said the slow way. */
function expectedTargets(plan: FaultPlan, all: readonly ObservedCommittee[]): readonly string[] {
  const { shards, validators, role } = plan.selector
  const hit: string[] = []
  for (const { shard, size, proposer } of all) {
    let left = role === 'FaultyMinority' ? Math.floor((size - 1) / 3) : size
    for (let validator = 0; validator < size; validator++) {
      const isChosen =
        (shards === undefined || shards.includes(shard)) &&
        (validators === undefined || validators.includes(validator)) &&
        (role !== 'Proposer' || validator === proposer)
      if (isChosen && left-- > 0) hit.push(`${shard}/${validator}`)
    }
  }
  return hit
}

/** Whether a frame from one validator to another meets a rule, and how many. */
function rulesOnTheWay(steps: readonly FaultStep[], from: string, to: string): number {
  return steps
    .flatMap((step) => (step.kind === 'shape' ? step.rules.map((rule) => ({ step, rule })) : []))
    .filter(({ step, rule }) => {
      const [here, there] = rule.direction === 'outbound' ? [from, to] : [to, from]
      const peers = rule.peers === 'all' ? [] : rule.peers
      return nameOf(step.target) === here && peers.some((peer) => nameOf(peer) === there)
    }).length
}

test('a fault hits exactly whom its selector and role name, each once', () => {
  const property = fc.property(fault, committees, (plan, all) => {
    assert.deepEqual(namesOf(planFault('f1', plan, all).steps), expectedTargets(plan, all))
  })
  fc.assert(property)
})

test('every way between two validators meets a link fault at most once, and as the fault says', () => {
  const property = fc.property(fault, committees, (plan, all) => {
    const { steps } = planFault('f1', plan, all)
    const hit = new Set(namesOf(steps))
    const names = all.flatMap(({ shard, size }) =>
      Array.from({ length: size }, (_, validator) => nameOf({ shard, validator })),
    )
    const isOnLinks = plan.action !== 'kill' && plan.action !== 'pause'
    for (const from of names) {
      for (const to of names) {
        if (from === to) continue
        const touches =
          plan.action === 'partition'
            ? hit.has(from) !== hit.has(to)
            : isOnLinks && (hit.has(from) || hit.has(to))
        assert.equal(rulesOnTheWay(steps, from, to), touches ? 1 : 0, `${from} to ${to}`)
      }
    }
  })
  fc.assert(property, { numRuns: 60 })
})

test('a one-way partition cuts one way only', () => {
  const plan = FaultPlan.parse({
    action: 'partition',
    for: '1s',
    direction: 'Outbound',
    selector: { shards: [0], validators: [1] },
  })
  const { steps } = planFault('f1', plan, [{ shard: 0, size: 4, proposer: null }])
  assert.equal(rulesOnTheWay(steps, '0/1', '0/2'), 1)
  assert.equal(rulesOnTheWay(steps, '0/2', '0/1'), 0)
})

test('a fault that leaves a shard without a quorum says so, and no other does', () => {
  const cases = [
    { action: 'kill', validators: [0], warns: false },
    { action: 'kill', validators: [0, 1], warns: true },
    { action: 'partition', for: '1s', validators: [0], warns: false },
    { action: 'partition', for: '1s', validators: [0, 1], warns: true },
    { action: 'partition', for: '1s', validators: [0, 1, 2], warns: false },
    { action: 'delay', for: '1s', latency: '1s', validators: [0, 1], warns: false },
  ]
  for (const { validators, warns, ...rest } of cases) {
    const plan = FaultPlan.parse({ ...rest, selector: { validators } })
    const { warnings } = planFault('f1', plan, [{ shard: 0, size: 4, proposer: 0 }])
    assert.equal(warnings.length, warns ? 1 : 0, `${rest.action} ${validators.join(',')}`)
  }
})

test('what a testnet does not have is told with its path', () => {
  const plan = FaultPlan.parse({ action: 'kill', selector: { shards: [0, 2], validators: [4] } })
  const all = [0, 1].map((shard) => ({ shard, size: 4, proposer: null }))
  assert.deepEqual(
    problemsOfSelector(plan, all).map(({ path }) => path),
    ['selector.shards[1]', 'selector.validators[0]'],
  )
})
