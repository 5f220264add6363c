import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { APPLICATION_FOLDER } from './application-folder.ts'
import type { ImageFile } from './image-file.ts'
import type { Library } from './library.ts'
import { type Lock, packageNameOf, readLock } from './lock.ts'
import type { Platform } from './platform.ts'
import type { Runtime } from './runtime-files.ts'

/** Where the list is in the image. */
const BILL_IN_IMAGE = `${APPLICATION_FOLDER}/bom.cdx.json`

/** What an image is made of. */
export interface Materials {
  readonly version: string
  /** Places in the lock, such as `node_modules/zod`, of what was bundled or copied. */
  readonly packages: readonly string[]
  readonly platform: Platform
  readonly runtime: Runtime
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

/**
 * Everything in an image that is not ours, as CycloneDX 1.6: what scanners of vulnerabilities and licences read. It has no date and no
 * serial number, so that equal images stay equal.
 */
export function billOfMaterials({ version, packages, platform, runtime }: Materials): ImageFile {
  const lock = readLock()
  const found = [
    ...packages.map((place) => packageComponent(place, lock)),
    nodeComponent(runtime, platform),
    ...runtime.libraries.map(libraryComponent),
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

function packageComponent(place: string, lock: Lock): Component {
  const entry = lock[place]
  if (entry?.version === undefined) throw new Error(`${place} is in the image and not in the lock`)
  const name = packageNameOf(place)
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

function nodeComponent({ node }: Runtime, { architecture }: Platform): Component {
  const { version, file } = node
  const purl = `pkg:generic/node@${version}?arch=${architecture}`
  const hashes = hashesOf(file)
  return { type: 'platform', name: 'node', version, purl, 'bom-ref': purl, hashes }
}

function libraryComponent({ file, source }: Library): Component {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1)
  const version = source?.version ?? 'unknown'
  // One source serves every architecture, and databases of vulnerabilities ask for it in these words.
  const purl =
    source === null
      ? `pkg:generic/${name}@${version}`
      : `pkg:deb/debian/${source.name}@${encodeURIComponent(version)}?arch=source`
  // One source makes several libraries, and the loader is there under two names.
  const reference = `${purl}#${file.path}`
  return { type: 'library', name, version, purl, 'bom-ref': reference, hashes: hashesOf(file) }
}

function hashesOf({ content }: ImageFile & { readonly kind: 'file' }) {
  const bytes = 'from' in content ? readFileSync(content.from) : content.bytes
  return [{ alg: 'SHA-256', content: createHash('sha256').update(bytes).digest('hex') }]
}
