/**
 * Kind tags; the format has room for 256. `atomic` is reserved and refused: its tag exists so that bytes signed today never
 * mean something else tomorrow.
 */
export const transactionKind = { transfer: 1, put: 2, compareAndSet: 3, get: 4, atomic: 5 } as const
