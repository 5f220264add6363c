import { parseArgs } from 'node:util'
import { OperatorConfigError, OperatorConfig, operatorConfig } from './operator-config.ts'

const exitCode = { ok: 0, failed: 1, badInput: 2, world: 3 } as const

const flagOf = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** `--http-port 0` sets `httpPort`. */
function readFlags(words: readonly string[]): Readonly<Record<string, unknown>> {
  const fields = Object.keys(OperatorConfig.shape)
  const options = Object.fromEntries(
    fields.map((field) => {
      const type = field === 'dryRun' ? ('boolean' as const) : ('string' as const)
      return [flagOf(field), { type }]
    }),
  )
  try {
    const { values } = parseArgs({ args: [...words], options, strict: true })
    return Object.fromEntries(fields.map((field) => [field, values[flagOf(field)]]))
  } catch (error) {
    throw new OperatorConfigError(error instanceof Error ? error.message : String(error))
  }
}

function stopRequest(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve(name))
  })
}

/** Errors that are one sentence already, by name, so that telling does not load them. */
const SENTENCES: Readonly<Record<string, number>> = {
  OperatorConfigError: exitCode.badInput,
  AccessError: exitCode.badInput,
  OperatorError: exitCode.badInput,
}

const stopped = stopRequest()
try {
  const config = operatorConfig(process.env, readFlags(process.argv.slice(2)))
  const { startOperator } = await import('./kubernetes/start-operator.ts')
  await startOperator(config, stopped)
  process.exit(exitCode.ok)
} catch (error) {
  const known = error instanceof Error ? SENTENCES[error.name] : undefined
  const text = error instanceof Error ? error.message : String(error)
  const stack = error instanceof Error ? (error.stack ?? text) : text
  process.stderr.write(`${known === undefined ? stack : text}\n`)
  process.exit(known ?? exitCode.failed)
}
