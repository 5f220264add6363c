import { existsSync } from 'node:fs'
import { capture } from '../cluster/process/capture.ts'
import { E2eError } from '../cluster/e2e-error.ts'
import { CNI_FOLDER } from '../cluster/real-nodes/cni.ts'

/** Debian's names for what real nodes need of the system. */
const PACKAGES = [
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

/** Why real pods cannot run on this machine, with what to do about it; null when they can. */
export async function missingForRealPods(): Promise<string | null> {
  if (process.platform !== 'linux') return 'real nodes need Linux.'
  if (process.getuid?.() !== 0) return 'real nodes need root: they make network namespaces.'
  const programs = await Promise.all(
    PROGRAMS.map(async (name) => ((await capture('which', [name])).code === 0 ? [] : [name])),
  )
  const plugins = PLUGINS.filter((name) => !existsSync(`${CNI_FOLDER}/${name}`))
  const missing = [...programs.flat(), ...plugins.map((name) => `the CNI plugin ${name}`)]
  if (missing.length === 0) return null
  return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing; \`npm run e2e -- --install\` installs Debian's packages ${PACKAGES.join(', ')}.`
}

/** Installs them where one is missing. Only ever called because a person or CI asked. */
export async function installSystemPackages(say: (line: string) => void): Promise<void> {
  if ((await missingForRealPods()) === null) return
  say('Installing system packages for real pods…')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const words of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES],
  ]) {
    const { code, text } = await capture('apt-get', words, { env })
    if (code !== 0) throw new E2eError(`apt-get ${words[0]} failed:\n${text.slice(-2_000)}`)
  }
}
