import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { tell } from '../src/edge.ts'
import { exitCode } from '../src/exit-code.ts'
import { peopleStream, writeJson } from '../src/output.ts'
import { isInterruption, watchInterrupts } from '../src/run/interrupt.ts'
import { parseBenchArguments, usage } from './bench-arguments.ts'
import { resultText } from './result-text.ts'
import { runBenches } from './run-benches.ts'

/** The rehearsal of the operator at scale needs clusters, which are a room of their own. */
const SCALE = join(import.meta.dirname, '..', '..', 'e2e', 'scale', 'main.ts')

/** Runs another program to its end, as if it had been typed. */
async function runInstead(file: string, words: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [file, ...words], { stdio: 'inherit' })
  // A terminal tells both of us: the child ends in good order, and we with it.
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (!process.stdin.isTTY) child.kill(name)
    })
  const [code] = (await once(child, 'exit')) as readonly unknown[]
  return typeof code === 'number' ? code : exitCode.failed
}

async function main(): Promise<number> {
  if (process.argv.includes('--operator')) return runInstead(SCALE, process.argv.slice(2))
  const { names, repeat, json, isHelp } = parseBenchArguments(process.argv.slice(2))
  if (isHelp) {
    process.stdout.write(usage)
    return exitCode.passed
  }
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const interrupt = watchInterrupts(
    () => say('Ending in good order; press Ctrl-C again to end at once.'),
    () => process.exit(exitCode.interrupted),
  )
  try {
    const result = await runBenches({ names, repeat, signal: interrupt.signal, say })
    peopleStream(json ?? undefined).write(resultText(result))
    if (json !== null) writeJson(json, result)
    const isGood = result.problems.length === 0 && result.missed.length === 0
    return isGood ? exitCode.passed : exitCode.failed
  } catch (error) {
    if (isInterruption(error, interrupt.signal)) return exitCode.interrupted
    throw error
  } finally {
    interrupt.release()
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  const { code, text } = tell(error)
  process.stderr.write(`shardnet bench: ${text}\n`)
  process.exitCode = code
}
