import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ArgumentError, chaosArguments, USAGE } from './arguments.ts'
import { type ChaosResult, exitCodeOf, resultText } from './chaos-result.ts'

const exitCode = { badInput: 2, platformFailed: 3, interrupted: 130 } as const

async function main(): Promise<number> {
  const given = chaosArguments(process.argv.slice(2))
  if (given === null) {
    process.stdout.write(USAGE)
    return 0
  }
  const people = given.json === '-' ? process.stderr : process.stdout
  const say = (line: string) => void people.write(`${line}\n`)
  const interrupt = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => interrupt.abort(new Error('interrupted')))
  say(`Chaos with seed ${given.seed} for ${given.lengthMs / 1_000} s: 2 shards x 4 validators`)
  const { ChaosRun } = await import('./run-chaos.ts')
  try {
    const result = await new ChaosRun(given, say, interrupt.signal).run()
    say(resultText(result))
    if (given.json !== null) writeResult(given.json, result)
    return exitCodeOf(result)
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    say('Interrupted: nothing is proved.')
    return exitCode.interrupted
  }
}

function writeResult(target: string, result: ChaosResult): void {
  const text = `${JSON.stringify(result, null, 2)}\n`
  if (target === '-') process.stdout.write(text)
  // npm starts us in the clone; what people type is relative to where they typed it.
  else writeFileSync(resolve(process.env['INIT_CWD'] ?? process.cwd(), target), text)
}

try {
  process.exitCode = await main()
} catch (error) {
  const isInput = error instanceof ArgumentError
  const text = error instanceof Error ? (isInput ? error.message : error.stack) : String(error)
  process.stderr.write(`${text}\n${isInput ? `\n${USAGE}` : ''}`)
  process.exitCode = isInput ? exitCode.badInput : exitCode.platformFailed
}
