import { hashInto } from '@chainsafe/as-sha256'
import { createHash } from 'node:crypto'
import { Ledger } from '../src/core/ledger/ledger.ts'
import { joinBytes } from '../src/core/primitives/bytes.ts'
import { hashOfBytes, ZERO_HASH } from '../src/core/primitives/hash.ts'
import { slotRangeOf } from '../src/core/wire/committee.ts'
import { addressOf, encodeTransfer } from '../src/core/wire/transaction.ts'

/** One measured setting. Microseconds are per transaction of the whole `executeBlock`, address hashing and roots included. */
export interface ExecutionRate {
  readonly shards: number
  readonly accounts: number
  readonly transactionsPerBlock: number
  readonly remoteShare: number
  /** CPU time of this thread, mean over the second half of the blocks. */
  readonly cpuMicroseconds: number
  /** Wall time of the best block: what the machine does when nothing else runs on it. */
  readonly microsecondsBest: number
  /** Best time per SHA-256 of 64 bytes, in batches of 1,024, at the same moment: the unit in which the rest is paid. */
  readonly microsecondsPerHash: number
}

interface Setting {
  readonly shards: number
  readonly accounts: number
  readonly transactionsPerBlock: number
  readonly remoteShare: number
}

const SETTINGS: readonly Setting[] = [
  { shards: 4, accounts: 10_000, transactionsPerBlock: 1_000, remoteShare: 0 },
  { shards: 4, accounts: 10_000, transactionsPerBlock: 2_000, remoteShare: 0 },
  { shards: 4, accounts: 10_000, transactionsPerBlock: 3_000, remoteShare: 0 },
  { shards: 4, accounts: 10_000, transactionsPerBlock: 2_000, remoteShare: 0.3 },
  { shards: 64, accounts: 10_000, transactionsPerBlock: 2_000, remoteShare: 0 },
  { shards: 4, accounts: 100_000, transactionsPerBlock: 2_000, remoteShare: 0 },
]

interface Account {
  readonly slot: number
  readonly key: Uint8Array
  readonly address: Uint8Array
}

/** Measures executing simple transfers between random accounts, `blocks` blocks per setting. */
export function measureExecutionRates(blocks = 80): ExecutionRate[] {
  return SETTINGS.map((setting) => measure(setting, blocks))
}

function measure(setting: Setting, blocks: number): ExecutionRate {
  const own = accountsOf(0, setting)
  const foreign = accountsOf(1, { ...setting, accounts: 1_000 })
  const parameters = { networkId: ZERO_HASH, shard: 0, shards: setting.shards, outboxWindow: 1e9 }
  const ledger = Ledger.genesis(
    parameters,
    joinBytes(own.flatMap(({ key, address }) => [key, address])),
    1_000_000,
  )
  const random = randomOf(7)
  const nonces = new Int32Array(setting.accounts)
  let best = Infinity
  let cpuTotal = 0
  const warmUp = Math.ceil(blocks / 2)
  for (let i = 0; i < blocks; i++) {
    const batches = [0, 1].map((author) => {
      const body = bodyOf(
        { ...setting, transactionsPerBlock: setting.transactionsPerBlock / 2 },
        { own, foreign, nonces, random },
      )
      return { author, sequence: i + 1, digest: hashOfBytes(digestOf(`${i} ${author}`)), body }
    })
    const block = { height: i + 1, view: i + 1, hash: ZERO_HASH, timeMs: i, imports: [], batches }
    const start = performance.now()
    const startCpu = process.threadCpuUsage()
    const executed = ledger.executeBlock(block)
    const cpu = process.threadCpuUsage(startCpu)
    best = Math.min(best, performance.now() - start)
    if (i >= warmUp) cpuTotal += cpu.user + cpu.system
    if (executed.resultCounts[0] !== setting.transactionsPerBlock)
      throw new Error('a measured transfer failed')
  }
  return {
    ...setting,
    cpuMicroseconds: cpuTotal / ((blocks - warmUp) * setting.transactionsPerBlock),
    microsecondsBest: (best * 1000) / setting.transactionsPerBlock,
    microsecondsPerHash: hashTime(),
  }
}

function hashTime(): number {
  const rows = new Uint8Array(1_024 * 64)
  const digests = new Uint8Array(1_024 * 32)
  let best = Infinity
  for (let i = 0; i < 40; i++) {
    const start = performance.now()
    hashInto(rows, digests)
    best = Math.min(best, performance.now() - start)
  }
  return (best * 1000) / 1_024
}

interface Pool {
  readonly own: readonly Account[]
  readonly foreign: readonly Account[]
  readonly nonces: Int32Array
  readonly random: () => number
}

function bodyOf(setting: Setting, pool: Pool): Uint8Array {
  return joinBytes(
    Array.from({ length: setting.transactionsPerBlock }, () => {
      const index = Math.floor(pool.random() * pool.own.length)
      const payees = pool.random() < setting.remoteShare ? pool.foreign : pool.own
      const payer = pool.own[index]
      const payee = payees[Math.floor(pool.random() * payees.length)]
      if (payer === undefined || payee === undefined) throw new Error('no such account')
      const nonce = pool.nonces[index] ?? 0
      pool.nonces[index] = nonce + 1
      const payees1 = [{ address: payee.address, amount: 1 }]
      const fields = {
        networkId: ZERO_HASH,
        payerSlot: payer.slot,
        payerKey: payer.key,
        nonce,
        payees: payees1,
      }
      return encodeTransfer({ ...fields, validUntil: 1e6, fee: 0, payload: new Uint8Array(0) })
    }),
  )
}

function accountsOf(shard: number, setting: Setting): Account[] {
  const slots = slotRangeOf(shard, setting.shards)
  return Array.from({ length: setting.accounts }, (_, i) => {
    const slot = slots.first + (i % (slots.end - slots.first))
    const key = digestOf(`${shard} ${i}`)
    return { slot, key, address: addressOf(slot, key) }
  })
}

function digestOf(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest())
}

function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

if (import.meta.main) console.table(measureExecutionRates())
