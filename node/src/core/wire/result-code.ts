/**
 * What became of a transaction that a committed block ordered. The first four leave no trace but the code;
 * from `ok` on, the nonce is used up and the fee is paid. Only `ok` counts as committed.
 */
export const resultCode = {
  ok: 0,
  /** The block is above validUntil. */
  expired: 1,
  /** The nonce was already used. */
  stale: 2,
  /** The nonce lies beyond the window of 64. */
  ahead: 3,
  /** No account at the payer's address. */
  unknown: 4,
  insufficient: 5,
  casMismatch: 6,
  /** An outbox that the transfer needs is full. */
  busy: 7,
} as const

export type ResultCode = (typeof resultCode)[keyof typeof resultCode]

const RESULT_NAMES = [
  'OK',
  'EXPIRED',
  'STALE',
  'AHEAD',
  'UNKNOWN',
  'INSUFFICIENT',
  'CAS_MISMATCH',
  'BUSY',
] as const
export type ResultName = (typeof RESULT_NAMES)[number]

/** The name that people, RPC and reports see. */
export function resultNameOf(code: number): ResultName {
  const name = RESULT_NAMES[code]
  if (name === undefined) throw new RangeError(`no result has the code ${code}`)
  return name
}

/** Nonces that an account may use in any order above its base. */
export const NONCE_WINDOW = 64
/** A transaction may name a validUntil at most this far above the current height. */
export const VALIDITY_HEIGHTS_MAX = 10_000
