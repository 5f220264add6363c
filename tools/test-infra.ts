import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { installed, projectRoot, run } from './run.ts'

const folder = join(projectRoot, 'infra')
const TEST_TIMEOUT_MS = 5 * 60_000

/** Whether what is installed is what the lock says; npm keeps its own copy of the lock. */
function isInstalled(): boolean {
  const copy = join(folder, 'node_modules', '.package-lock.json')
  if (!existsSync(copy)) return false
  const versionsOf = (path: string): string => {
    const { packages }: { packages: Record<string, { version?: string }> } = JSON.parse(
      readFileSync(path, 'utf8'),
    )
    const pairs = Object.entries(packages).filter(([place]) => place !== '')
    return JSON.stringify(pairs.map(([place, { version }]) => [place, version]))
  }
  return versionsOf(copy) === versionsOf(join(folder, 'package-lock.json'))
}

/** infra/ has its own lock, outside of the root install: the clouds' SDKs weigh ten times more than everything else. */
async function install(): Promise<number> {
  if (isInstalled()) return 0
  console.log('installing infra/ (about 480 MB), once')
  return run('npm', ['ci', '--prefix', folder])
}

async function test(): Promise<number> {
  const status = await install()
  // `npm run e2e -- infra` starts the program, and needs its packages alone.
  if (status !== 0 || process.argv.includes('--install-only')) return status
  const types = await run(installed('tsc'), ['-p', join(folder, 'tsconfig.json')])
  if (types !== 0) return types
  return run(process.execPath, [
    '--test',
    '--test-reporter=spec',
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    'infra/test/**/*.test.ts',
  ])
}

process.exitCode = await test()
