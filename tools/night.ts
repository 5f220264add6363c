import { run } from './run.ts'

/** Everything in its exhaustive form: the tests of all rooms, the simulator, then the suites on real parts. */
/** What was clean with the present source; each night goes on behind the last one. */
const COUNTER = 'simulator/counters.json'
const words = process.argv.slice(2)
const steps = [
  ['tools/test.ts', '--exhaustive', ...words],
  // Files and names on the command line are those of the first step.
  ...(words.length === 0
    ? [
        ['simulator/src/run/main.ts', '--mutants'],
        ['simulator/src/run/main.ts', '--seeds', '50000', '--resume', COUNTER],
        ['simulator/src/run/main.ts', '--twins', '250000', '--resume', COUNTER],
        ['e2e/main.ts', '--exhaustive'],
      ]
    : []),
]
let failed = false
for (const step of steps) if ((await run(process.execPath, step)) !== 0) failed = true
process.exitCode = failed ? 1 : 0
