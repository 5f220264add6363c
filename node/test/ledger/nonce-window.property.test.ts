import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AccountTable } from '../../src/core/ledger/account-table.ts'
import { consumeNonce, judgeNonce } from '../../src/core/ledger/nonce-window.ts'
import { executeTransfers, genesisLedger, resultsOf, testAccount } from './support/world.ts'

const alice = testAccount(0, 1, 0)
const to = [{ address: testAccount(0, 1, 1).address, amount: 1 }]

function use(ledger: ReturnType<typeof genesisLedger>, nonces: readonly number[]): string[] {
  return resultsOf(
    executeTransfers(
      ledger,
      nonces.map((nonce) => ({ from: alice, nonce, to })),
    ),
  )
}

test('the window takes nonce base + 63 and refuses base + 64', () => {
  const ledger = genesisLedger(0, 1)
  assert.deepEqual(use(ledger, [64, 63, 64, 0, 64]), ['AHEAD', 'OK', 'AHEAD', 'OK', 'OK'])
  assert.deepEqual(ledger.accountOf(alice.address), {
    balance: 997n,
    nonceBase: 1,
    nonceBitmap: (1n << 62n) | (1n << 63n),
  })
})

test('the window slides over all used nonces at once', () => {
  const ledger = genesisLedger(0, 1)
  assert.deepEqual(use(ledger, [1, 2, 3, 5]), ['OK', 'OK', 'OK', 'OK'])
  assert.equal(ledger.accountOf(alice.address)?.nonceBase, 0)
  use(ledger, [0])
  assert.deepEqual(ledger.accountOf(alice.address), {
    balance: 995n,
    nonceBase: 4,
    nonceBitmap: 2n,
  })
  assert.deepEqual(use(ledger, [0, 3, 5, 4]), ['STALE', 'STALE', 'STALE', 'OK'])
  assert.equal(ledger.accountOf(alice.address)?.nonceBase, 6)
})

for (const edge of [31, 32, 33, 63]) {
  test(`the window slides over ${edge + 1} used nonces when the lowest comes last`, () => {
    const ledger = genesisLedger(0, 1)
    const above = Array.from({ length: edge }, (_, i) => edge - i)
    use(ledger, above)
    assert.equal(ledger.accountOf(alice.address)?.nonceBase, 0)
    use(ledger, [0])
    assert.deepEqual(ledger.accountOf(alice.address), {
      balance: 999n - BigInt(edge),
      nonceBase: edge + 1,
      nonceBitmap: 0n,
    })
  })
}

test('any order of nonces ends like a set of used ones with a base at the first gap', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 300 }), (nonces) => {
      const table = new AccountTable()
      const row = table.findOrAdd(new DataView(new ArrayBuffer(32)), 0)
      const used = new Set<number>()
      let base = 0
      for (const nonce of nonces) {
        const expected = used.has(nonce) ? 'used' : nonce >= base + 64 ? 'ahead' : 'fresh'
        assert.equal(judgeNonce(table, row, nonce), expected)
        if (expected !== 'fresh') continue
        consumeNonce(table, row, nonce)
        used.add(nonce)
        while (used.has(base)) base += 1
        assert.equal(table.nonceBases[row], base)
      }
      for (let distance = 0; distance < 64; distance++) {
        const word = distance < 32 ? table.nonceLows[row] : table.nonceHighs[row]
        assert.equal(((word ?? 0) >>> (distance & 31)) & 1, used.has(base + distance) ? 1 : 0)
      }
    }),
  )
})

test('dense use in small steps keeps up over many windows', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 63 }), { minLength: 400, maxLength: 600 }),
      (distances) => {
        const table = new AccountTable()
        const row = table.findOrAdd(new DataView(new ArrayBuffer(32)), 0)
        const used = new Set<number>()
        for (const distance of distances) {
          const base = table.nonceBases[row] ?? 0
          const nonce = base + (distance % 3 === 0 ? 0 : distance)
          const judgement = judgeNonce(table, row, nonce)
          assert.equal(judgement, used.has(nonce) ? 'used' : 'fresh')
          if (judgement === 'used') continue
          consumeNonce(table, row, nonce)
          used.add(nonce)
        }
        let base = 0
        while (used.has(base)) base += 1
        assert.equal(table.nonceBases[row], base)
      },
    ),
  )
})
