import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot, run } from './run.ts'

const TEST_TIMEOUT_MS = 5 * 60_000
/** Process tests start several validators each: more files at once would measure the machine, not the code. */
const FILES_AT_ONCE_MAX = 4

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    exhaustive: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

// Read by the tests that have an exhaustive form: more seeds, longer runs, every case of a table.
if (values.exhaustive) process.env['SHARDNET_EXHAUSTIVE'] = '1'

const words = [
  '--test',
  '--test-reporter=spec',
  `--test-concurrency=${Math.min(availableParallelism(), FILES_AT_ONCE_MAX)}`,
]
if (!values.exhaustive) words.push(`--test-timeout=${TEST_TIMEOUT_MS}`)
if (values.only !== undefined) words.push(`--test-name-pattern=${values.only}`)
process.exitCode = await run(process.execPath, [...words, ...testFiles()])

/** The files named on the command line, or those of every room of the root install, and of the tools. */
function testFiles(): readonly string[] {
  if (positionals.length > 0) return positionals.map(filesOf)
  const text = readFileSync(join(projectRoot, 'package.json'), 'utf8')
  const { workspaces }: { workspaces: readonly string[] } = JSON.parse(text)
  return [...workspaces, 'tools'].map((room) => `${room}/test/**/*.test.ts`)
}

/** A folder stands for the tests below it. */
function filesOf(path: string): string {
  return /\.ts$|\*/.test(path) ? path : `${path.replace(/\/$/, '')}/**/*.test.ts`
}
