import { run } from './run.ts'

/** Everything in its exhaustive form: the tests of all rooms, then the suites on real parts. */
const words = process.argv.slice(2)
const steps = [
  ['tools/test.ts', '--exhaustive', ...words],
  // Files and names on the command line are those of the first step.
  ...(words.length === 0 ? [['e2e/main.ts', '--exhaustive']] : []),
]
let failed = false
for (const step of steps) if ((await run(process.execPath, step)) !== 0) failed = true
process.exitCode = failed ? 1 : 0
