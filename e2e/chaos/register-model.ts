import type { SequentialModel } from './linearizability.ts'

/** What a client asks of one cell. Values are texts; null is "never written". */
export type RegisterInput =
  | { readonly kind: 'get' }
  | { readonly kind: 'put'; readonly value: string }
  | {
      readonly kind: 'compareAndSet'
      readonly expected: string | null
      readonly value: string
    }

/** What it heard: the value of a get, or whether the cell was set. */
export type RegisterOutput =
  | { readonly kind: 'read'; readonly value: string | null }
  | { readonly kind: 'done' }
  | { readonly kind: 'mismatch' }

/** The value of a cell, in a box: null inside is a cell that was never written. */
export interface RegisterState {
  readonly value: string | null
}

/** One cell: a register with compare-and-set. */
export const registerModel: SequentialModel<RegisterState, RegisterInput, RegisterOutput> = {
  initial: { value: null },
  keyOf: ({ value }) => JSON.stringify(value),
  step(state, input, output) {
    switch (input.kind) {
      case 'get':
        if (output === null) return state
        return output.kind === 'read' && output.value === state.value ? state : null
      case 'put':
        return output === null || output.kind === 'done' ? { value: input.value } : null
      case 'compareAndSet': {
        const fits = input.expected === state.value
        if (output !== null && output.kind !== (fits ? 'done' : 'mismatch')) return null
        return fits ? { value: input.value } : state
      }
    }
  },
}
