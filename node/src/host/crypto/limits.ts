/** Most keys that a cache holds: all seats of the largest testnet. */
export const KEYS_CACHED_MAX = 4_096
