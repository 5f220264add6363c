import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot, run } from './run.ts'

const TEST_TIMEOUT_MS = 5 * 60_000
const FILES_AT_ONCE_MAX = 4
/** Files that start whole testnets: one at a time, because several at once would measure the machine and not the code. */
const TESTNET_FOLDERS = ['cli/test', 'node/test/process', 'operator/test/local']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    exhaustive: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

// Read by the tests that have an exhaustive form: more seeds, longer runs, every case of a table.
if (values.exhaustive) process.env['SHARDNET_EXHAUSTIVE'] = '1'

const files = globSync(testPatterns(), { cwd: projectRoot }).toSorted()
const startsTestnets = (file: string): boolean =>
  TESTNET_FOLDERS.some((folder) => file.startsWith(`${folder}/`))
const groups = [
  { files: files.filter((file) => !startsTestnets(file)), atOnce: availableParallelism() },
  { files: files.filter(startsTestnets), atOnce: 1 },
].filter((group) => group.files.length > 0)

if (groups.length === 0) {
  console.error(`no test file matches ${positionals.join(' ')}`)
  process.exitCode = 2
}
for (const { files: words, atOnce } of groups) {
  const code = await runFiles(words, Math.min(atOnce, FILES_AT_ONCE_MAX))
  if (code !== 0) process.exitCode = code
}

function runFiles(words: readonly string[], atOnce: number): Promise<number> {
  const flags = ['--test', '--test-reporter=spec', `--test-concurrency=${atOnce}`]
  if (!values.exhaustive) flags.push(`--test-timeout=${TEST_TIMEOUT_MS}`)
  if (values.only !== undefined) flags.push(`--test-name-pattern=${values.only}`)
  return run(process.execPath, [...flags, ...words])
}

/** The files named on the command line, or those of every room of the root install, and of the tools. */
function testPatterns(): readonly string[] {
  if (positionals.length > 0) return positionals.map(patternOf)
  const text = readFileSync(join(projectRoot, 'package.json'), 'utf8')
  const { workspaces }: { workspaces: readonly string[] } = JSON.parse(text)
  return [...workspaces, 'tools'].map((room) => `${room}/test/**/*.test.ts`)
}

/** A folder stands for the tests below it. */
function patternOf(path: string): string {
  return /\.ts$|\*/.test(path) ? path : `${path.replace(/\/$/, '')}/**/*.test.ts`
}
