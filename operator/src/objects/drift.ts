import { quantityOf } from '../api/field.ts'

/** A quantity in Kubernetes' notation; the API server writes `1000m` back as `1`. */
const QUANTITY = /^[0-9]+(?:\.[0-9]+)?(?:m|k|M|G|T|Ki|Mi|Gi|Ti)?$/

/**
 * The first field in which an object is not as it is wanted, such as `spec.replicas`; null when all wanted fields are
 * there. What the API server or others added does not count: those fields are not ours.
 */
export function driftOf(wanted: unknown, found: unknown, path = ''): string | null {
  if (isEmpty(wanted) && (found === undefined || found === null)) return null
  if (Array.isArray(wanted)) return driftOfList(wanted, found, path)
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof found !== 'object' || found === null) return path
    for (const [name, value] of Object.entries(wanted)) {
      const inner = path === '' ? name : `${path}.${name}`
      const drift = driftOf(value, Reflect.get(found, name), inner)
      if (drift !== null) return drift
    }
    return null
  }
  return isSame(wanted, found) ? null : path
}

function driftOfList(wanted: readonly unknown[], found: unknown, path: string): string | null {
  if (!Array.isArray(found) || found.length !== wanted.length) return path
  for (const [index, value] of wanted.entries()) {
    const drift = driftOf(value, found[index], `${path}[${index}]`)
    if (drift !== null) return drift
  }
  return null
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function isSame(wanted: unknown, found: unknown): boolean {
  if (wanted === found) return true
  if (typeof wanted !== 'string' || typeof found !== 'string') return false
  const amounts = [amountOf(wanted), amountOf(found)]
  return amounts[0] !== null && amounts[0] === amounts[1]
}

function amountOf(text: string): number | null {
  return QUANTITY.test(text) ? quantityOf(text) : null
}
