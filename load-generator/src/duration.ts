import { z } from 'zod'

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
const DURATION = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/
const DURATION_MS_MAX = 30 * 24 * UNIT_MS.h

/** Milliseconds of a text such as `30s`, `1h30m` or `250ms`; null when it is none or longer than 30 days. */
export function durationMsOf(text: string): number | null {
  const match = DURATION.exec(text)
  if (match === null || text === '') return null
  const [, hours, minutes, seconds, milliseconds] = match
  const total =
    Number(hours ?? 0) * UNIT_MS.h +
    Number(minutes ?? 0) * UNIT_MS.m +
    Number(seconds ?? 0) * UNIT_MS.s +
    Number(milliseconds ?? 0)
  return total <= DURATION_MS_MAX ? total : null
}

/** The shortest text for a number of milliseconds that `durationMsOf` reads back. */
export function durationText(ms: number): string {
  const whole = Math.round(ms)
  const parts = [
    [Math.floor(whole / UNIT_MS.h), 'h'],
    [Math.floor((whole % UNIT_MS.h) / UNIT_MS.m), 'm'],
    [Math.floor((whole % UNIT_MS.m) / UNIT_MS.s), 's'],
    [whole % UNIT_MS.s, 'ms'],
  ] as const
  const text = parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : '')).join('')
  return text === '' ? '0s' : text
}

/** A positive duration as people write it in a document; stays text, because resources hold integers and strings only. */
export const Duration = z
  .string()
  .max(32)
  .regex(/^(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/, {
    error: 'expected a duration such as 30s, 5m or 1h30m',
    abort: true,
  })
  .refine(
    (text) => (durationMsOf(text) ?? 0) > 0,
    'expected a duration above zero and up to 30 days, such as 30s',
  )

/** Milliseconds of a text that the schema `Duration` let through. */
export function checkedDurationMs(text: string): number {
  const ms = durationMsOf(text)
  if (ms === null) throw new RangeError(`not a duration: ${text}`)
  return ms
}
