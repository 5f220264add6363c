import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { NonceBook } from '../src/nonces.ts'
import { PLAN_COLUMNS, planColumn } from '../src/plan-row.ts'
import { Planner } from '../src/planner.ts'

/** The validators' rule, written as plainly as possible: a base and the used nonces above it. */
class PlainAccount {
  base = 0
  readonly used = new Set<number>()

  accepts(nonce: number): boolean {
    return nonce >= this.base && nonce < this.base + 64 && !this.used.has(nonce)
  }

  use(nonce: number): void {
    this.used.add(nonce)
    while (this.used.has(this.base)) this.base += 1
  }
}

test('every nonce that is taken is one that validators accept, whatever comes back in which order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ action: fc.constantFrom('take', 'spend', 'return'), which: fc.nat() }), {
        maxLength: 400,
      }),
      (steps) => {
        const book = new NonceBook(1)
        const account = new PlainAccount()
        const outstanding: number[] = []
        for (const { action, which } of steps) {
          if (action === 'take') {
            const nonce = book.take(0)
            if (nonce === null) {
              assert.ok(outstanding.length > 0, 'without anything outstanding there is room')
              continue
            }
            assert.ok(account.accepts(nonce), `${nonce} at base ${account.base}`)
            assert.ok(!outstanding.includes(nonce), 'nobody else has it')
            outstanding.push(nonce)
          } else if (outstanding.length > 0) {
            const [nonce] = outstanding.splice(which % outstanding.length, 1)
            assert.ok(nonce !== undefined)
            if (action === 'return') book.giveBack(0, nonce)
            else {
              book.spend(0, nonce)
              account.use(nonce)
            }
          }
          assert.ok(outstanding.length <= 64)
          assert.equal(book.outstandingOf(0), outstanding.length)
          assert.equal(book.baseOf(0), account.base)
        }
      },
    ),
  )
})

test('an account that has paid before goes on at its first free nonce', () => {
  const book = new NonceBook(2)
  book.begin(1, 40, 0b1011n | (1n << 63n))
  assert.deepEqual([book.take(1), book.take(1), book.take(1)], [42, 44, 45])
  assert.equal(book.baseOf(1), 42)
  assert.equal(book.take(0), 0)
})

test('a plan never has more than 64 of one account outstanding and counts substitutes', () => {
  const workload = {
    profile: 'payments',
    crossShard: 0,
    accounts: 'zipf',
    payloadBytes: 0,
    fee: 1,
    validityHeights: 100,
    seed: 1,
  } as const
  const planner = new Planner(workload, { shards: 1, accountsPerShard: 4 })
  const rows = planner.plan(1_000, [7])
  const planned = rows.length / PLAN_COLUMNS
  assert.ok(planned > 192 && planned <= 256, 'it ends when only the payee has room')
  assert.ok(planner.substitutions > 0)
  for (let i = 0; i < rows.length; i += PLAN_COLUMNS) {
    assert.notEqual(
      rows[i + planColumn.payerIndex],
      rows[i + planColumn.payeeIndex],
      'nobody pays itself',
    )
    assert.equal(rows[i + planColumn.validUntil], 107)
  }
  const outstanding = [0, 1, 2, 3].map((account) => planner.nonces.outstandingOf(account))
  assert.equal(outstanding.filter((count) => count === 64).length, 3)
  assert.ok(outstanding.every((count) => count <= 64))
})
