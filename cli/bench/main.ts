import { tell } from '../src/edge.ts'
import { exitCode } from '../src/exit-code.ts'
import { peopleStream, writeJson } from '../src/output.ts'
import { isInterruption, watchInterrupts } from '../src/run/interrupt.ts'
import { parseBenchArguments, usage } from './bench-arguments.ts'
import { resultText } from './result-text.ts'
import { runBenches } from './run-benches.ts'

async function main(): Promise<number> {
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
    return result.problems.length === 0 ? exitCode.passed : exitCode.failed
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
