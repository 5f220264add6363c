import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { addOnsAmong, application } from './image/application-files.ts'
import { billOfMaterials } from './image/bill-of-materials.ts'
import { type ImageFile, inOrder } from './image/image-file.ts'
import { archiveOf, imageOf, layerOf, type OciImage } from './image/oci-image.ts'
import { parseReference, push, RegistryError } from './image/registry.ts'
import { NODE_IN_IMAGE, runtimeFiles } from './image/runtime-files.ts'
import { projectRoot } from './run.ts'

const USAGE = `usage: npm run image [-- OPTIONS]

Builds the image of validator, load generator and operator as an archive, without a container engine or a base image.

  --out FILE    where the archive goes (default: .cache/image/shardnet.tar)
  --name NAME   what a container runtime calls it after the import (default: localhost/shardnet:VERSION)
  --push REF    uploads it to a registry instead of writing an archive
  --tree FOLDER writes the application's files there instead of an image: the Dockerfile's way
  --sbom FILE   also writes what the image is made of (CycloneDX), which is in it as /app/bom.cdx.json
  --program FILE an image of that one static program instead; needs --name
`

const options = {
  out: { type: 'string', default: join(projectRoot, '.cache', 'image', 'shardnet.tar') },
  name: { type: 'string' },
  push: { type: 'string' },
  tree: { type: 'string' },
  sbom: { type: 'string' },
  program: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return void process.stdout.write(USAGE)
  const reference = values.push === undefined ? null : parseReference(values.push)
  if (values.tree !== undefined) return writeTree(await treeFiles(), resolve(values.tree))
  const image =
    values.program === undefined ? await shardnetImage(values.sbom) : programImage(values.program)
  if (reference !== null) {
    await push(image, reference)
    console.log(`pushed ${values.push} as ${image.manifest.digest}`)
    return
  }
  const name = values.name ?? `localhost/shardnet:${version()}`
  mkdirSync(dirname(resolve(values.out)), { recursive: true })
  writeFileSync(values.out, archiveOf(image, name))
  const sizes = image.layers.map(({ bytes }) => `${(bytes.length / 1e6).toFixed(1)} MB`)
  console.log(`${values.out}: ${name}, layers of ${sizes.join(' and ')}, ${image.manifest.digest}`)
}

async function shardnetImage(sbom: string | undefined): Promise<OciImage> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new RegistryError(
      'This way of building works on Linux on x64; elsewhere use the Dockerfile.',
    )
  const { files, packages } = await application()
  const runtime = runtimeFiles(addOnsAmong(files))
  const bill = billOfMaterials({ version: version(), packages, runtime })
  if (sbom !== undefined) writeTree([{ ...bill, path: basename(sbom) }], dirname(resolve(sbom)))
  const layers = [layerOf(runtime), layerOf([...files, bill])]
  return imageOf(layers, {
    version: version(),
    revision: revision(),
    command: [`/${NODE_IN_IMAGE}`],
    words: ['node/src/host/main.js'],
  })
}

/** What a base image gets beside it: that one has a list of its own. */
async function treeFiles(): Promise<readonly ImageFile[]> {
  const { files, packages } = await application()
  return [...files, billOfMaterials({ version: version(), packages, runtime: [] })]
}

/** For the clusters of our tests, which need a program or two that no registry has to be asked for. */
function programImage(program: string): OciImage {
  const path = basename(program)
  const file: ImageFile = { kind: 'file', path, mode: 0o755, content: { from: resolve(program) } }
  const command = [`/${path}`]
  return imageOf([layerOf([file])], { version: version(), revision: '', command, words: [] })
}

function writeTree(files: readonly ImageFile[], folder: string): void {
  for (const file of inOrder(files)) {
    const place = join(folder, file.path)
    if (file.kind === 'folder') mkdirSync(place, { recursive: true })
    else if (file.kind === 'link') symlinkSync(file.target, place)
    else if ('from' in file.content) copyFileSync(file.content.from, place)
    else writeFileSync(place, file.content.bytes)
  }
}

function version(): string {
  const text = readFileSync(join(projectRoot, 'package.json'), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

/** The commit, or nothing in a folder that is no clone: that is no reason to refuse an image. */
function revision(): string {
  try {
    const words = ['rev-parse', 'HEAD']
    return execFileSync('git', words, { cwd: projectRoot, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return ''
  }
}

try {
  await main()
} catch (error) {
  const isMisspelt = error instanceof TypeError && 'code' in error
  if (!(error instanceof RegistryError) && !isMisspelt) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
