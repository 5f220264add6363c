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
  /** How many cases of long lists; null as many as the suites take by themselves. */
  readonly cases: number | 'all' | null
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
  let failed = 0
  for (const name of wanted.suites) {
    const files = await filesOf(name, wanted)
    const code = files.length === 0 ? 0 : await runTests(name, files, wanted)
    // Asked to stop, it stops; a failure is told after all suites.
    if (code > 128) return code
    failed = Math.max(failed, code)
  }
  return failed
}

/** infra/ has packages of its own, and its suite programs of its own. */
async function prepareInfra(): Promise<void> {
  await ensureTools(pulumiTools, say)
  const installer = join(import.meta.dirname, '..', '..', 'tools', 'test-infra.ts')
  const { code, text } = await capture(process.execPath, [installer, '--install-only'])
  if (code !== 0) throw new E2eError(`the packages of infra/ cannot be installed:\n${text}`)
}

async function filesOf(name: SuiteName, { mustRun }: SuiteRun): Promise<readonly string[]> {
  const isOwn = process.env['KUBECONFIG'] !== undefined
  if (isOwn && (name === 'control-plane' || name === 'real-pods')) return ownFiles(name)
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

/** What does not break the cluster that it runs on: the user's own is not ours to stop, cut off or fill. */
function ownFiles(name: SuiteName): readonly string[] {
  if (name === 'real-pods') {
    say('real-pods is left out: KUBECONFIG names a cluster, and it makes nodes of its own.')
    return []
  }
  say('control-plane: of this suite a testnet goes through its life on the cluster of KUBECONFIG.')
  return [join(import.meta.dirname, '..', 'suites', name, 'lifecycle.test.ts')]
}

/** Each file has clusters of its own, whose tests mostly wait: so many are carried by two cores. */
const AT_ONCE: Readonly<Record<SuiteName, number>> = {
  monitoring: 1,
  'live-page': 1,
  infra: 1,
  'control-plane': 3,
  'real-pods': 2,
}

function runTests(
  name: SuiteName,
  files: readonly string[],
  { only, cases }: SuiteRun,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const words = ['--test', '--test-reporter=spec', `--test-concurrency=${AT_ONCE[name]}`]
  if (only !== null) words.push(`--test-name-pattern=${only}`)
  const told =
    cases === null
      ? {}
      : cases === 'all'
        ? { SHARDNET_EXHAUSTIVE: '1' }
        : { SHARDNET_CASES: String(cases) }
  const env = { ...process.env, ...told }
  const child = spawn(process.execPath, [...words, ...files], { stdio: 'inherit', env })
  child.on('error', reject)
  // The terminal tells the tests as well: we stay until they have taken their clusters down.
  const handOn = (signal: NodeJS.Signals): void => {
    if (!process.stdin.isTTY) child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, handOn)
  child.on('exit', (code, by) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, handOn)
    resolve(by === null ? (code ?? 1) : 128 + constants.signals[by])
  })
  return promise
}
