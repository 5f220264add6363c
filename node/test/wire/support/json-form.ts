import { hexOf } from '../../../src/core/primitives/bytes.ts'

/** What a vector file can say. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** A decoded value as a vector file shows it: bytes as hexadecimal text, everything else as it is. */
export function jsonOf(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return hexOf(value)
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, jsonOf(part)]))
  throw new TypeError(`no vector shows a ${typeof value}`)
}

const LINE_MAX = 100

/** The text of a vector file, laid out as the formatter of this project leaves it. */
export function jsonText(value: Json): string {
  return `${layOut(value, '', 0)}\n`
}

function layOut(value: Json, indent: string, used: number): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const inner = `${indent}  `
  if (isList(value)) {
    const line = lineOf(value)
    if (line !== null && used + line.length <= LINE_MAX) return line
    return `[\n${value.map((part) => inner + layOut(part, inner, inner.length)).join(',\n')}\n${indent}]`
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return '{}'
  const lines = entries.map(([key, part]) => {
    const start = `${inner}${JSON.stringify(key)}: `
    return start + layOut(part, inner, start.length + 1)
  })
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** A list of plain values on one line; null when it holds objects. */
function lineOf(list: readonly Json[]): string | null {
  if (list.some((part) => part !== null && typeof part === 'object')) return null
  return `[${list.map((part) => JSON.stringify(part)).join(', ')}]`
}
