/**
 * What is believed of the knee: a probability for each rate of a grid that is even in the logarithm. Probabilistic
 * bisection: each answer moves belief to one side by as much as it can be trusted, so that a wrong answer costs trials
 * and not the result.
 *
 * M. Horstein, "Sequential transmission using noiseless feedback", IEEE Trans. Inf. Theory 9, 1963; R. Waeber,
 * P. I. Frazier, S. G. Henderson, "Bisection search with noisy responses", SIAM J. Control Optim. 51(3), 2013.
 */
export interface KneeBelief {
  readonly rateMin: number
  readonly rateMax: number
  /** Logarithmic weights, one per cell; their maximum is 0. */
  readonly weights: readonly number[]
}

/** Cells per factor of e: each is half a percent wide. */
const CELLS_PER_UNIT = 200

/** Nothing is known yet but the ends. */
export function evenBelief(rateMin: number, rateMax: number): KneeBelief {
  const cells = Math.max(2, Math.ceil(Math.log(rateMax / rateMin) * CELLS_PER_UNIT))
  return { rateMin, rateMax, weights: Array.from({ length: cells }, () => 0) }
}

/** One more answer: whether the rate was met, and how likely such an answer is right (0.5 to 1). */
export function learned(
  belief: KneeBelief,
  rate: number,
  isMet: boolean,
  trust: number,
): KneeBelief {
  const at = cellOf(belief, rate)
  const right = Math.log(trust)
  const wrong = Math.log(1 - trust)
  const weights = belief.weights.map((weight, cell) => {
    const isAbove = cell + 0.5 > at
    return weight + (isAbove === isMet ? right : wrong)
  })
  const most = weights.reduce((max, weight) => Math.max(max, weight), Number.NEGATIVE_INFINITY)
  return { ...belief, weights: weights.map((weight) => weight - most) }
}

/** The rate that the knee lies below with a probability. */
export function quantileRate(belief: KneeBelief, probability: number): number {
  const masses = belief.weights.map((weight) => Math.exp(weight))
  const total = masses.reduce((sum, mass) => sum + mass, 0)
  let below = 0
  for (const [cell, mass] of masses.entries()) {
    if (below + mass >= probability * total) {
      const part = mass > 0 ? (probability * total - below) / mass : 0
      return rateOf(belief, cell + part)
    }
    below += mass
  }
  return belief.rateMax
}

function cellOf({ rateMin, rateMax, weights }: KneeBelief, rate: number): number {
  const share = Math.log(rate / rateMin) / Math.log(rateMax / rateMin)
  return Math.max(0, Math.min(weights.length, share * weights.length))
}

function rateOf({ rateMin, rateMax, weights }: KneeBelief, cell: number): number {
  return rateMin * (rateMax / rateMin) ** (cell / weights.length)
}
