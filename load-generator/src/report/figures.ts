import { durationText } from '../duration.ts'

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const oneDigit = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })

/** A count with thousands separated. */
export function countText(value: number): string {
  return whole.format(value)
}

/** A rate: one digit after the point only where it tells something. */
export function rateText(value: number): string {
  return value < 100 ? oneDigit.format(value) : whole.format(value)
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

/** Date and time of the machine that made it, in UTC. */
export function momentText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}
