import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { ensureTools } from '../cluster/build/build-tools.ts'
import { kubernetesTools, pulumiTools } from '../cluster/build/tool-set.ts'
import { E2eError } from '../cluster/e2e-error.ts'
import { capture } from '../cluster/process/capture.ts'
import { installSystemPackages, missingFor } from './requirements.ts'
import type { SuiteName } from './suite.ts'

export interface SuiteRun {
  readonly suites: readonly SuiteName[]
  /** Whether a suite that cannot run here is a failure. */
  readonly mustRun: boolean
  readonly install: boolean
  readonly only: string | null
  /** Every case instead of a seeded choice. */
  readonly exhaustive: boolean
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Builds what every suite needs. */
export async function buildPrograms(): Promise<void> {
  await ensureTools(kubernetesTools, say)
}

/**
 * Runs suites one after the other; resolves with an exit code: 0 when all passed, 1 when a test failed.
 * @throws {E2eError} when one that has to run cannot.
 */
export async function runSuites(wanted: SuiteRun): Promise<number> {
  if (wanted.install) await installSystemPackages(wanted.suites, say)
  if (wanted.suites.some((name) => name !== 'live-page')) await buildPrograms()
  if (wanted.suites.includes('infra')) await prepareInfra()
  const files = (await Promise.all(wanted.suites.map((name) => filesOf(name, wanted)))).flat()
  return files.length === 0 ? 0 : runTests(files, wanted)
}

/** infra/ has packages of its own, and its suite programs of its own. */
async function prepareInfra(): Promise<void> {
  await ensureTools(pulumiTools, say)
  const installer = join(import.meta.dirname, '..', '..', 'tools', 'test-infra.ts')
  const { code, text } = await capture(process.execPath, [installer, '--install-only'])
  if (code !== 0) throw new E2eError(`the packages of infra/ cannot be installed:\n${text}`)
}

async function filesOf(name: SuiteName, { mustRun }: SuiteRun): Promise<readonly string[]> {
  const missing = await missingFor(name)
  if (missing !== null) {
    if (mustRun) throw new E2eError(`${name} cannot run here: ${missing}`)
    say(`${name} is left out: ${missing}`)
    return []
  }
  const folder = join(import.meta.dirname, '..', 'suites', name)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
    .map((file) => join(folder, file))
}

/** One file at a time: each has clusters of its own, and two cores carry one. */
function runTests(files: readonly string[], { only, exhaustive }: SuiteRun): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const words = ['--test', '--test-reporter=spec', '--test-concurrency=1']
  if (only !== null) words.push(`--test-name-pattern=${only}`)
  const env = exhaustive ? { ...process.env, SHARDNET_EXHAUSTIVE: '1' } : process.env
  const child = spawn(process.execPath, [...words, ...files], { stdio: 'inherit', env })
  child.on('error', reject)
  child.on('exit', (code, by) => resolve(by === null ? (code ?? 1) : 128 + constants.signals[by]))
  // The terminal tells the tests as well: we stay until they have taken their clusters down.
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (!process.stdin.isTTY) child.kill(name)
    })
  return promise
}
