import { installed, run } from './run.ts'

process.exitCode = await run(installed('oxfmt'), process.argv.slice(2))
