import type { StackConfig } from '../src/config/stack-config.ts'
import { estimate, type Estimate } from '../src/cost/estimate.ts'

/** The estimate of a configuration in which everything has a price. */
export function estimated(config: StackConfig): Estimate {
  const answer = estimate(config)
  if (answer.kind === 'unpriced') throw new Error(JSON.stringify(answer.problems))
  return answer.estimate
}
