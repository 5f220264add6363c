import { existsSync } from 'node:fs'
import { chromiumProgram } from '../browser/chromium.ts'
import { capture } from '../cluster/process/capture.ts'
import { E2eError } from '../cluster/e2e-error.ts'
import { CNI_FOLDER } from '../cluster/real-nodes/cni.ts'
import type { SuiteName } from './suite.ts'

/** Debian's names for what real nodes need of the system. */
const POD_PACKAGES = [
  'containerd',
  'runc',
  'containernetworking-plugins',
  'iptables',
  'conntrack',
  'iproute2',
  'util-linux',
] as const
const PROGRAMS = ['containerd', 'runc', 'iptables', 'conntrack', 'ip', 'nsenter'] as const
const PLUGINS = ['bridge', 'host-local', 'loopback', 'portmap'] as const

const BROWSER_PACKAGES = ['chromium'] as const

/** What a suite needs of the system, with Debian's packages that have it. */
const needs: Partial<Record<SuiteName, Need>> = {
  'live-page': { missing: missingForBrowser, packages: BROWSER_PACKAGES },
  'real-pods': { missing: missingForRealPods, packages: POD_PACKAGES },
}

interface Need {
  missing(): Promise<string | null>
  readonly packages: readonly string[]
}

/** Why a suite cannot run on this machine, with what to do about it; null when it can. */
export async function missingFor(suite: SuiteName): Promise<string | null> {
  return (await needs[suite]?.missing()) ?? null
}

async function missingForBrowser(): Promise<string | null> {
  return (await chromiumProgram()) === null
    ? `there is no Chromium on the PATH; ${howToInstall(BROWSER_PACKAGES)}`
    : null
}

async function missingForRealPods(): Promise<string | null> {
  if (process.platform !== 'linux') return 'real nodes need Linux.'
  if (process.getuid?.() !== 0) return 'real nodes need root: they make network namespaces.'
  const programs = await Promise.all(
    PROGRAMS.map(async (name) => ((await capture('which', [name])).code === 0 ? [] : [name])),
  )
  const plugins = PLUGINS.filter((name) => !existsSync(`${CNI_FOLDER}/${name}`))
  const missing = [...programs.flat(), ...plugins.map((name) => `the CNI plugin ${name}`)]
  if (missing.length === 0) return null
  return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing; ${howToInstall(POD_PACKAGES)}`
}

function howToInstall(packages: readonly string[]): string {
  return `\`npm run e2e -- --install\` installs Debian's packages: ${packages.join(', ')}.`
}

/** Installs them where one is missing. Only ever called because a person or CI asked. */
export async function installSystemPackages(
  suites: readonly SuiteName[],
  say: (line: string) => void,
): Promise<void> {
  const packages: string[] = []
  for (const suite of suites)
    if ((await missingFor(suite)) !== null) packages.push(...(needs[suite]?.packages ?? []))
  if (packages.length === 0) return
  say(`Installing system packages: ${packages.join(', ')}…`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const words of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const { code, text } = await capture('apt-get', words, { env })
    if (code !== 0) throw new E2eError(`apt-get ${words[0]} failed:\n${text.slice(-2_000)}`)
  }
}
