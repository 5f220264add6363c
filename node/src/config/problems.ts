import type { z } from 'zod'

/** One thing that is wrong in what a person wrote: where, what would be right, what is there. */
export interface Problem {
  /** Dotted field path, `committees[1].members[0].blsKey`; empty for the whole document. */
  readonly path: string
  readonly expected: string
  readonly got: string
}

/**
 * A file or flag that cannot be used, with every problem at once. The edge prints `message` without a stack trace and
 * exits with 2.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** File or flag that the problems are in. */
  readonly source: string
  readonly problems: readonly Problem[]

  constructor(source: string, problems: readonly Problem[], options?: ErrorOptions) {
    super(messageOf(source, problems), options)
    this.source = source
    this.problems = problems
  }
}

function messageOf(source: string, problems: readonly Problem[]): string {
  const lines = problems.map((problem) => lineOf(problem))
  if (lines.length === 1) return `${source}: ${lines[0] ?? ''}`
  return [`${source}: ${lines.length} problems`, ...lines.map((line) => `  ${line}`)].join('\n')
}

function lineOf(problem: Problem): string {
  const path = problem.path === '' ? '' : `${problem.path}: `
  return `${path}expected ${problem.expected}, got ${problem.got}`
}

/** Whether problems may repeat what was written; not where it may be a key. */
export type Values = 'shown' | 'hidden'

/**
 * Reads JSON text.
 * @throws ConfigError when it is none.
 */
export function parseJson(source: string, text: string): unknown {
  try {
    // What comes out is checked by a schema before anything uses it.
    return JSON.parse(text) as unknown
  } catch (error) {
    const at = error instanceof SyntaxError ? placeOf(text, error.message) : ''
    throw new ConfigError(source, [
      { path: '', expected: 'JSON', got: `text that is not JSON${at}` },
    ])
  }
}

/** The parser's message may quote the text, which may be a key: only the place is kept. */
function placeOf(text: string, message: string): string {
  const match = /position (\d+)/.exec(message)
  if (match === null) return ''
  const before = text.slice(0, Number(match[1])).split('\n')
  return ` at line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
}

/**
 * Checks a value against a schema.
 * @throws ConfigError with all problems.
 */
export function parseWith<T>(
  source: string,
  schema: z.ZodType<T>,
  value: unknown,
  values: Values = 'shown',
): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new ConfigError(source, problemsOf(parsed.error, value, values))
}

/** A schema's complaints as problems, in the order of the document. */
export function problemsOf(error: z.ZodError, value: unknown, values: Values = 'shown'): Problem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, value, values))
}

function problemsOfIssue(issue: z.core.$ZodIssue, value: unknown, values: Values): Problem[] {
  const at = issue.path
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathText([...at, key]),
      expected: 'no such field',
      got: textOf(valueAt(value, [...at, key]), values),
    }))
  }
  return [
    { path: pathText(at), expected: expectedBy(issue), got: textOf(valueAt(value, at), values) },
  ]
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : withArticle(issue.expected)
    case 'too_small':
      return `${sizeWord(issue.origin)}at least ${issue.minimum}`
    case 'too_big':
      return `${sizeWord(issue.origin)}at most ${issue.maximum}`
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ')
    case 'not_multiple_of':
    case 'invalid_format':
    case 'unrecognized_keys':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return issue.message
  }
}

function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`
}

function sizeWord(origin: string): string {
  if (origin === 'string') return 'a length of '
  return origin === 'array' || origin === 'set' ? 'a count of ' : ''
}

/** `['a', 0, 'b']` as `a[0].b`. */
function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`
    else text += text === '' ? String(key) : `.${String(key)}`
  }
  return text
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Readonly<Record<PropertyKey, unknown>>)[key]
  }
  return at
}

const SHOWN_CHARACTERS_MAX = 60

/** What is there, short enough for one line. */
export function textOf(value: unknown, values: Values = 'shown'): string {
  if (value === undefined) return 'nothing'
  if (values === 'hidden') return withArticle(Array.isArray(value) ? 'array' : typeof value)
  // What was parsed from JSON prints as JSON.
  const text = JSON.stringify(value) ?? typeof value
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX - 1)}…`
}
