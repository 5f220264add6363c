import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { userCacheFolder } from '../user-cache-folder.ts'
import { filledOnce } from './filled-folder.ts'
import { ImageError } from './image-error.ts'
import type { DebianSource } from './library.ts'
import type { Platform } from './platform.ts'

/** One of Debian's packages, unpacked. */
export interface DebianPackage {
  readonly folder: string
  readonly source: DebianSource
}

/**
 * What apt would install of these packages on a machine like this one, but of another architecture. It reads this machine's sources,
 * keys and preferences, and keeps its own state in the user's cache: nothing of the system changes, and nobody has to be
 * root. As always, apt takes only what the keys have signed.
 */
export function debianPackages(
  names: readonly string[],
  { name: platform, architecture }: Platform,
): readonly DebianPackage[] {
  if (!isDebian())
    throw new ImageError(
      `The shared libraries for ${platform} come from Debian by its apt, and this machine is no Debian: use the Dockerfile here.`,
    )
  const folder = join(userCacheFolder(), 'image', 'debian', architecture)
  const archives = join(folder, 'archives')
  mkdirSync(join(folder, 'lists', 'partial'), { recursive: true })
  mkdirSync(join(archives, 'partial'), { recursive: true })
  writeFileSync(join(folder, 'status'), '')
  writeFileSync(join(folder, 'apt.conf'), settings(folder, architecture))
  process.stderr.write(`Asking Debian for the shared libraries for ${platform}…\n`)
  aptGet(folder, folder, ['update'])
  // In a folder without archives: apt does not name those that are there already.
  const told = aptGet(folder, folder, ['download', '--print-uris', ...names])
  aptGet(folder, archives, ['download', ...names])
  const files = [...told.matchAll(/^'[^']*' (\S+\.deb) /gm)].map((match) => match[1] ?? '')
  return files.map((file) => unpacked(join(archives, file), join(folder, 'unpacked', file)))
}

/** Its apt knows the other architectures of the same release. */
export function isDebian(): boolean {
  try {
    return /^ID="?debian"?$/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

/** Hooks of this machine's configuration look after the system's state, which this is not. */
function settings(folder: string, architecture: string): string {
  return `#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
APT::Architecture "${architecture}";
APT::Architectures { "${architecture}"; };
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "root";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Dir::State "${folder}";
Dir::State::lists "lists";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}";
Dir::Cache::archives "archives";
Dir::Cache::pkgcache "packages.bin";
Dir::Cache::srcpkgcache "sources.bin";
`
}

function aptGet(folder: string, cwd: string, words: readonly string[]): string {
  // One at a time: of two, apt would refuse the later one.
  const command = [join(folder, 'lock'), 'apt-get', '-qq', '-c', join(folder, 'apt.conf'), ...words]
  const env = { ...process.env, LC_ALL: 'C' }
  const { status, stdout, stderr, error } = spawnSync('flock', command, {
    cwd,
    encoding: 'utf8',
    env,
  })
  if (status === 0) {
    // A warning, such as that old lists are used because no new ones could be had.
    process.stderr.write(stderr)
    return stdout
  }
  const told = error?.message ?? stderr
  const reason = told.split('\n').find((line) => line.startsWith('E: ')) ?? told.trim()
  throw new ImageError(`apt-get ${words.join(' ')} failed: ${reason.replace(/^E: /, '')}`)
}

function unpacked(archive: string, folder: string): DebianPackage {
  filledOnce(folder, (own) => {
    execFileSync('dpkg-deb', ['--extract', archive, own])
  })
  const format = '--showformat=${source:Package} ${source:Version}'
  const told = execFileSync('dpkg-deb', ['--show', format, archive], { encoding: 'utf8' })
  const [name = '', version = ''] = told.split(' ')
  return { folder, source: { name, version } }
}
