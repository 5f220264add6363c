import { CONSENSUS_MUTANTS } from './consensus-mutants.ts'
import { EXECUTION_MUTANTS } from './execution-mutants.ts'
import { HOST_MUTANTS } from './host-mutants.ts'
import { LIE_MUTANTS } from './lie-mutants.ts'
import type { Mutant } from './mutant.ts'

/** All seeded bugs. */
export const MUTANTS: readonly Mutant[] = [
  ...CONSENSUS_MUTANTS,
  ...EXECUTION_MUTANTS,
  ...HOST_MUTANTS,
  ...LIE_MUTANTS,
]
