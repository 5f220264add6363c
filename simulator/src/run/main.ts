import { writeFileSync } from 'node:fs'
import { parseArguments, usage, type SimulatorTask } from './arguments.ts'
import { runBench } from './bench.ts'
import { whileCountingAlone } from './counter-lock.ts'
import { runMutants } from '../mutants/run-mutants.ts'
import { InputError } from './input-error.ts'
import { runMany } from './run-many.ts'
import { describeFailure, runOne } from './run-one.ts'
import { runManyTwins, runTwins } from './run-twins.ts'

const CLEAN = 0
const BROKEN = 1
const BAD_INPUT = 2
/** Ended by a signal: what was run was clean, and it is not what was asked for. */
const INTERRUPTED = 130

/** What a task came to: its exit code, and what `--json` writes. */
interface Outcome {
  readonly code: number
  readonly result: unknown
}

async function perform(task: SimulatorTask, say: (line: string) => void): Promise<Outcome> {
  switch (task.kind) {
    case 'help':
      say(usage)
      return { code: CLEAN, result: null }
    case 'seed': {
      const result = runOne(task.seed, task, say)
      const { violation } = result
      say(JSON.stringify(result, null, 2))
      if (violation === null) return { code: CLEAN, result }
      if (!task.isTraced) say(describeFailure(task.seed, violation.invariant, violation.message))
      return { code: BROKEN, result }
    }
    case 'seeds': {
      const result = await whileCountingAlone(task.resume, () => runMany(task, say))
      return { code: codeOf(result), result }
    }
    case 'twin': {
      const result = runTwins(task.index, task.isTraced, say)
      say(JSON.stringify(result, null, 2))
      return { code: result.violation === null ? CLEAN : BROKEN, result }
    }
    case 'twins': {
      const result = await whileCountingAlone(task.resume, () => runManyTwins(task, say))
      return { code: codeOf(result), result }
    }
    case 'mutants': {
      const result = await runMutants(task, say)
      if (result.length === 0)
        throw new InputError([`--only: expected a part of a name of the bank, got ${task.only}`])
      return { code: result.every(({ catcher }) => catcher !== null) ? CLEAN : BROKEN, result }
    }
    case 'bench':
      return { code: CLEAN, result: await runBench(say) }
  }
}

function codeOf(run: { readonly failure: object | null; readonly isInterrupted: boolean }): number {
  if (run.failure !== null) return BROKEN
  return run.isInterrupted ? INTERRUPTED : CLEAN
}

async function main(): Promise<number> {
  const { task, json } = parseArguments(process.argv.slice(2))
  const stream = json === '-' ? process.stderr : process.stdout
  const { code, result } = await perform(task, (line) => void stream.write(`${line}\n`))
  const text = `${JSON.stringify(result, null, 2)}\n`
  if (json === '-') process.stdout.write(text)
  else if (json !== null) writeFileSync(json, text)
  return code
}

// Whoever reads along may stop reading: `--trace | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(CLEAN)
})
try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof InputError)) throw error
  process.stderr.write(`shardnet sim: ${error.lines.join('\n  ')}\n`)
  process.exitCode = BAD_INPUT
}
