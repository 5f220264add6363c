import { durationText } from '../duration.ts'
import type { Estimate } from '../result/shapes.ts'

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const oneDigit = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** A count with thousands separated. */
export function countText(value: number): string {
  return whole.format(value)
}

/** A rate: digits after the point only where they tell something. */
export function rateText(value: number): string {
  if (value !== 0 && Math.abs(value) < 1) return String(Number(value.toPrecision(3)))
  return Math.abs(value) < 100 ? oneDigit.format(value) : whole.format(value)
}

/** A time that was measured, to three digits: `0.42 ms`, `87 ms`, `1.92 s`. */
export function timeText(ms: number | null): string {
  if (ms === null) return '–'
  if (ms < 1) return `${ms.toFixed(2)} ms`
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  const seconds = ms / 1_000
  return seconds < 100
    ? `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`
    : durationText(Math.round(seconds) * 1_000)
}

/** A share from 0 to 1 as percent. */
export function percentText(share: number): string {
  return `${oneDigit.format(share * 100)} %`
}

/** Bytes with three digits and a unit, as disks are sold. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${Number(value.toPrecision(3))} ${BYTE_UNITS[unit]}`
}

/** US dollars: cents where there are any, else what there is. */
export function dollarText(dollars: number): string {
  if (dollars === 0) return '$0'
  return dollars >= 1 ? `$${dollars.toFixed(2)}` : `$${Number(dollars.toPrecision(2))}`
}

/** The interval of a figure, such as `498 to 501 (95 %)`. */
export function intervalText(
  { low, high, confidence }: Estimate,
  text: (value: number) => string,
): string {
  return `${text(low)} to ${text(high)} (${percentText(confidence)})`
}

/** Date and time of the machine that made it, in UTC. */
export function momentText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}
