/** Why a door did not take a transaction, as the byte on the binary stream. Nothing is consumed; the client may correct and send again. */
export const refusalCode = {
  MALFORMED: 1,
  UNSUPPORTED_VERSION: 2,
  UNSUPPORTED_KIND: 3,
  WRONG_NETWORK: 4,
  WRONG_SHARD: 5,
  TOO_LARGE: 6,
  BAD_AMOUNT: 7,
  BAD_SIGNATURE: 8,
  NONCE_USED: 9,
  NONCE_AHEAD: 10,
  NONCE_TAKEN: 11,
  EXPIRED: 12,
  VALIDITY_TOO_FAR: 13,
  UNKNOWN_PAYER: 14,
  OUTBOX_FULL: 15,
} as const

/** The name of a refusal, as JSON-RPC, metrics and reports show it. */
export type RefusalName = keyof typeof refusalCode
/** The byte of a refusal. */
export type RefusalCode = (typeof refusalCode)[RefusalName]

/** Every refusal in the order of its byte. */
export const REFUSAL_NAMES = Object.keys(refusalCode) as readonly RefusalName[]

/** Names a refusal byte; null for a byte that no refusal has. */
export function refusalNameOf(code: number): RefusalName | null {
  return REFUSAL_NAMES[code - 1] ?? null
}
