import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { imageContents, projectVersion, treeContents } from './image/image-contents.ts'
import { ImageError } from './image/image-error.ts'
import { type ImageFile, inOrder } from './image/image-file.ts'
import {
  archiveOf,
  imageOf,
  indexOf,
  layerOf,
  type OciImage,
  type OciIndex,
} from './image/oci-image.ts'
import { parsePlatforms, type Platform, platformOfMachine } from './image/platform.ts'
import { parseReference, push } from './image/registry.ts'
import { NODE_IN_IMAGE } from './image/runtime-files.ts'
import { projectRoot } from './run.ts'

const USAGE = `usage: npm run image [-- OPTIONS]

Builds the image of validator, load generator and operator as an archive, without a container engine or a base image.

  --out FILE    where the archive goes (default: .cache/image/shardnet.tar)
  --name NAME   what a container runtime calls it after the import (default: localhost/shardnet:VERSION)
  --push REF    uploads it to a registry instead of writing an archive
  --platform P  linux/amd64, linux/arm64, or both with a comma between them: then one name has an image for each
                (default: this machine's)
  --tree FOLDER writes Node and the application's files there instead of an image: the Dockerfile's way
  --sbom FILE   also writes what the image is made of (CycloneDX), which is in it as /app/bom.cdx.json
  --program FILE an image of that one static program instead; needs --name
`

const options = {
  out: { type: 'string', default: join(projectRoot, '.cache', 'image', 'shardnet.tar') },
  name: { type: 'string' },
  push: { type: 'string' },
  platform: { type: 'string' },
  tree: { type: 'string' },
  sbom: { type: 'string' },
  program: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return void process.stdout.write(USAGE)
  const reference = values.push === undefined ? null : parseReference(values.push)
  const platforms =
    values.platform === undefined ? [platformOfMachine()] : parsePlatforms(values.platform)
  const single = (['tree', 'sbom', 'program'] as const).find((name) => values[name] !== undefined)
  if (single !== undefined && platforms.length > 1)
    throw new ImageError(`--${single} is for one platform at a time`)
  if (values.tree !== undefined) return writeTrees(platforms, resolve(values.tree))
  const image = oneOf(await imagesFor(platforms, values))
  const { digest } = 'index' in image ? image.index : image.manifest
  if (reference !== null) {
    await push(image, reference)
    console.log(`pushed ${values.push} as ${digest}`)
    return
  }
  const name = values.name ?? `localhost/shardnet:${projectVersion()}`
  mkdirSync(dirname(resolve(values.out)), { recursive: true })
  writeFileSync(values.out, archiveOf(image, name))
  console.log(`${values.out}: ${name}, ${sizesOf(image)}, ${digest}`)
}

async function writeTrees(platforms: readonly Platform[], folder: string): Promise<void> {
  for (const platform of platforms) writeTree(await treeContents(platform), folder)
}

async function imagesFor(
  platforms: readonly Platform[],
  { program, sbom }: { readonly program?: string | undefined; readonly sbom?: string | undefined },
): Promise<readonly OciImage[]> {
  if (program !== undefined) return platforms.map((platform) => programImage(program, platform))
  const images: OciImage[] = []
  for (const platform of platforms) {
    const { runtime, application, bill } = await imageContents(platform)
    if (sbom !== undefined) writeTree([{ ...bill, path: basename(sbom) }], dirname(resolve(sbom)))
    const identity = { version: projectVersion(), revision: revision() }
    const command = [`/${NODE_IN_IMAGE}`]
    const words = ['node/src/host/main.js']
    const layers = [layerOf(runtime), layerOf(application)]
    images.push(imageOf(layers, { platform, ...identity, command, words }))
  }
  return images
}

/** For the clusters of our tests, which need a program or two that no registry has to be asked for. */
function programImage(program: string, platform: Platform): OciImage {
  const path = basename(program)
  const file: ImageFile = { kind: 'file', path, mode: 0o755, content: { from: resolve(program) } }
  const identity = { platform, version: projectVersion(), revision: '' }
  return imageOf([layerOf([file])], { ...identity, command: [`/${path}`], words: [] })
}

/** What gets the name: an image, or the index of several. */
function oneOf(images: readonly OciImage[]): OciImage | OciIndex {
  const [image] = images
  return image !== undefined && images.length === 1 ? image : indexOf(images)
}

function sizesOf(what: OciImage | OciIndex): string {
  const images = 'index' in what ? what.images : [what]
  return images
    .map(({ platform, layers }) => {
      const sizes = layers.map(({ bytes }) => `${(bytes.length / 1e6).toFixed(1)} MB`)
      return `${platform.name} with layers of ${sizes.join(' and ')}`
    })
    .join(', ')
}

function writeTree(files: readonly ImageFile[], folder: string): void {
  for (const file of inOrder(files)) {
    const place = join(folder, file.path)
    if (file.kind === 'folder') mkdirSync(place, { recursive: true })
    else if (file.kind === 'link') symlinkSync(file.target, place)
    else {
      if ('from' in file.content) copyFileSync(file.content.from, place)
      else writeFileSync(place, file.content.bytes)
      chmodSync(place, file.mode)
    }
  }
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
  if (!(error instanceof ImageError) && !isMisspelt) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
