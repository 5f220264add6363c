import { z } from 'zod'

/** Version of every kind in this folder. */
export const API_VERSION = 'shardnet.dev/v1alpha1'

/** A whole number in a range, told as one expectation whichever way a value misses it. int32 in the CRD. */
export function wholeNumber(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`
  return z.int({ error }).min(min, { error }).max(max, { error })
}

/** Text that matches a pattern, with the expectation in words. */
export function textLike(pattern: RegExp, lengthMax: number, expectation: string) {
  return z
    .string({ error: expectation })
    .max(lengthMax, { error: expectation, abort: true })
    .regex(pattern, { error: expectation, abort: true })
}

/** One of a closed list. */
export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  const words = values.map((value) => `"${value}"`)
  return z.enum(values, {
    error: words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`,
  })
}

/** A DNS label, short enough that names of StatefulSets made from it stay within the 52 that Kubernetes allows them. */
export function resourceName() {
  return textLike(
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    32,
    'a name of at most 32 small letters, digits and dashes that starts with a letter',
  )
}

/** A quantity in Kubernetes' notation. */
export function quantity() {
  return textLike(
    /^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/,
    20,
    'a quantity such as "500m", "512Mi" or "10Gi"',
  )
}

/** A share of the whole, as text: specs hold no floats. */
export function percent() {
  return textLike(/^(100(\.0+)?|[1-9]?[0-9](\.[0-9]{1,4})?)%$/, 8, 'a share from "0%" to "100%"')
}

/** A positive length of time, as text with its unit. */
export function duration() {
  return textLike(
    /^([0-9]{1,6}(ms|s|m|h))+$/,
    32,
    'a length of time such as "500ms", "30s", "5m" or "1h30m"',
  ).refine((text) => durationMs(text) > 0, { error: 'a length of time above zero' })
}

const MILLISECONDS_OF: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a duration that the schema accepted. */
export function durationMs(text: string): number {
  let total = 0
  for (const [, count, unit] of text.matchAll(/([0-9]+)(ms|s|m|h)/g)) {
    total += Number(count) * (MILLISECONDS_OF[unit ?? ''] ?? 0)
  }
  return total
}

const BYTES_OF: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** Bytes of a quantity of storage or memory that the schema accepted. */
export function quantityBytes(text: string): number {
  return Math.floor(quantityOf(text))
}

/** What a quantity that the schema accepted comes to, parts of one included: `500m` is a half. */
export function quantityOf(text: string): number {
  const [, count = '0', unit = ''] = /^([0-9.]+)([A-Za-z]*)$/.exec(text) ?? []
  return Number(count) * (BYTES_OF[unit] ?? 1)
}
