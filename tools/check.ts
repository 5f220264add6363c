import { installed, run } from './run.ts'

interface Step {
  readonly name: string
  readonly command: string
  readonly words: readonly string[]
}

const steps: readonly Step[] = [
  { name: 'types', command: installed('tsc'), words: ['-p', 'tsconfig.json'] },
  { name: 'lint', command: installed('oxlint'), words: [] },
  { name: 'format', command: installed('oxfmt'), words: ['--check'] },
  { name: 'unused code', command: installed('knip'), words: ['--treat-config-hints-as-errors'] },
  {
    name: 'tidy',
    command: process.execPath,
    words: ['--test', '--test-reporter=dot', 'tools/test/*.test.ts'],
  },
]

// Every step runs, whatever the one before it found: a person fixes all of it in one go.
const failed: string[] = []
for (const { name, command, words } of steps) {
  console.log(`\n== ${name}`)
  if ((await run(command, words)) !== 0) failed.push(name)
}
console.log(failed.length === 0 ? '\ncheck passed' : `\ncheck failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
