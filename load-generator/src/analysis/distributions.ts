/** Upper tail of the standard normal distribution, two-sided: chance of a |Z| at least as large. */
export function twoSidedNormalTail(z: number): number {
  return complementaryError(Math.abs(z) / Math.SQRT2)
}

/** Quantile of the standard normal distribution (Acklam's rational approximation, relative error below 1.2e-9). */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) throw new RangeError(`no probability: ${probability}`)
  const low = 0.02425
  if (probability > 1 - low) return -normalQuantile(1 - probability)
  if (probability < low) {
    const q = Math.sqrt(-2 * Math.log(probability))
    return polynomial(TAIL_TOP, q) / (polynomial(TAIL_BOTTOM, q) * q + 1)
  }
  const q = probability - 0.5
  const r = q * q
  return (polynomial(CENTRE_TOP, r) * q) / (polynomial(CENTRE_BOTTOM, r) * r + 1)
}

/**
 * Two-sided quantile of Student's t: the value that |T| stays below with that confidence. Cornish–Fisher expansion of the
 * normal quantile (Abramowitz and Stegun 26.7.5); below five degrees of freedom, where it is coarse, a table.
 */
export function studentQuantile(confidence: number, degrees: number): number {
  if (degrees < 1) throw new RangeError('an interval needs two observations')
  const z = normalQuantile(0.5 + confidence / 2)
  const exact = confidence === 0.95 ? TABLE_95[degrees - 1] : undefined
  if (exact !== undefined) return exact
  const z2 = z * z
  const terms = [
    (z2 + 1) / 4,
    ((5 * z2 + 16) * z2 + 3) / 96,
    (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
    ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92_160,
  ]
  return z * (1 + terms.reduce((sum, term, i) => sum + term / degrees ** (i + 1), 0))
}

const TABLE_95 = [12.7062, 4.3027, 3.1824, 2.7764] as const
const CENTRE_TOP = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
]
const CENTRE_BOTTOM = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1,
]
const TAIL_TOP = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
]
const TAIL_BOTTOM = [
  7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416,
]

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)
}

/** erfc by Numerical Recipes' Chebyshev fit: relative error below 1.2e-7 everywhere. */
function complementaryError(x: number): number {
  const t = 1 / (1 + 0.5 * x)
  const fit = polynomial(
    [
      0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418,
      0.37409196, 1.00002368, -1.26551223,
    ],
    t,
  )
  return t * Math.exp(-x * x + fit)
}
