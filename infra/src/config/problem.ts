import type { z } from 'zod'

/** Something wrong with the stack's configuration, and the key to set. */
export interface Problem {
  /** As `pulumi config set --path` takes it: `shardnet:clouds[0].region`. */
  readonly key: string
  readonly text: string
}

/** Problems of a schema, all of them. */
export function problemsOf(error: z.ZodError): readonly Problem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        key: keyOf([...issue.path, key]),
        text: 'there is no such key',
      }))
    const isMissing = issue.code === 'invalid_type' && issue.input === undefined
    return [{ key: keyOf(issue.path), text: isMissing ? 'is missing' : issue.message }]
  })
}

/** The key of a path below `shardnet:`. */
export function keyOf(path: readonly PropertyKey[]): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
  return `shardnet:${text.replace(/^\./, '')}`
}

/** What a person reads: one line each. */
export function problemsText(problems: readonly Problem[]): string {
  const lines = problems.map(({ key, text }) => `  ${key}: ${text}`)
  return `Nothing was made. The stack's configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`
}
