import { NONCE_WINDOW } from '../wire/result-code.ts'
import type { AccountRow, AccountTable } from './account-table.ts'

/** What an account says about a nonce: usable once, below the base or used, or beyond the window. */
export type NonceJudgement = 'fresh' | 'used' | 'ahead'

/** Judges a nonce against the account's window [base, base + 64). */
export function judgeNonce(accounts: AccountTable, row: AccountRow, nonce: number): NonceJudgement {
  const distance = nonce - (accounts.nonceBases[row] ?? 0)
  if (distance < 0) return 'used'
  if (distance >= NONCE_WINDOW) return 'ahead'
  const word = (distance < 32 ? accounts.nonceLows[row] : accounts.nonceHighs[row]) ?? 0
  return (word >>> (distance & 31)) & 1 ? 'used' : 'fresh'
}

/** Uses up a fresh nonce; the window then slides over all used ones at its start, so bit 0 stays clear. */
export function consumeNonce(accounts: AccountTable, row: AccountRow, nonce: number): void {
  const distance = nonce - (accounts.nonceBases[row] ?? 0)
  let low = accounts.nonceLows[row] ?? 0
  let high = accounts.nonceHighs[row] ?? 0
  if (distance < 32) low = (low | (1 << distance)) >>> 0
  else high = (high | (1 << (distance - 32))) >>> 0
  let slid = 0
  while (low & 1) {
    const ones = trailingOnes(low)
    low = ones === 32 ? high : ((low >>> ones) | (high << (32 - ones))) >>> 0
    high = ones === 32 ? 0 : high >>> ones
    slid += ones
  }
  accounts.nonceLows[row] = low
  accounts.nonceHighs[row] = high
  accounts.nonceBases[row] = (accounts.nonceBases[row] ?? 0) + slid
}

function trailingOnes(word: number): number {
  const zeros = ~word
  return zeros === 0 ? 32 : 31 - Math.clz32(zeros & -zeros)
}
