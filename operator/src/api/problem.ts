import type { Problem } from '@shardnet/node/config'
import type { z } from 'zod'

/** A problem with the keys of its path, from which a file's line is found. */
export interface FieldProblem extends Problem {
  readonly keys: readonly PropertyKey[]
}

/** A problem that no schema found. */
export function problemAt(
  keys: readonly PropertyKey[],
  expected: string,
  got: string,
): FieldProblem {
  return { keys, path: pathText(keys), expected, got }
}

/** Every problem that a schema found with a value, in the words of `expected` and `got`. */
export function problemsOf(error: z.ZodError, value: unknown): readonly FieldProblem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, value))
}

function problemsOfIssue(issue: z.core.$ZodIssue, value: unknown): readonly FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const keys = [...issue.path, key]
      return problemAt(keys, 'no such field', described(valueAt(value, keys)))
    })
  }
  return [problemAt(issue.path, expectationOf(issue), described(valueAt(value, issue.path)))]
}

const NOUN_OF: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of fields',
  record: 'a group of fields',
}

/** Zod's own messages start with these words; a message of ours is the expectation itself. */
const GENERIC_MESSAGE = /^(Invalid|Too small|Too big|Unrecognized)/

function expectationOf(issue: z.core.$ZodIssue): string {
  if (issue.message !== '' && !GENERIC_MESSAGE.test(issue.message))
    return issue.message.replace(/^expected /, '')
  switch (issue.code) {
    case 'invalid_type':
      return NOUN_OF[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values.map((each) => JSON.stringify(each)).join(' or ')
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin)}`
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin)}`
    case 'invalid_format':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return issue.message.replace(/^Invalid (input|string): /, '')
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters'
  return origin === 'array' ? ' entries' : ''
}

/** `spec.placement.clusters[0].name`: the way kubectl and the API server write a path. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      return index === 0 ? String(part) : `.${String(part)}`
    })
    .join('')
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value
  for (const part of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = Reflect.get(here, part)
  }
  return here
}

const SHOWN_CHARACTERS_MAX = 60

function described(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? typeof value
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`
}
