import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { APPLICATION_FOLDER } from './application-folder.ts'
import { type ImageFile, inOrder } from './image-file.ts'
import type { Platform } from './platform.ts'
import { IMAGE_USER } from './runtime-files.ts'
import { tarOf } from './tar.ts'

/** Content that is named by its hash, as registries and archives keep it. */
export interface Blob {
  readonly mediaType: string
  readonly digest: string
  readonly bytes: Uint8Array
}

export interface Layer extends Blob {
  /** Hash of the archive before compression. */
  readonly diffId: string
}

export interface OciImage {
  readonly platform: Platform
  readonly layers: readonly Layer[]
  readonly config: Blob
  readonly manifest: Blob
}

/** One name for the images of several platforms: a container runtime takes its own of them. */
export interface OciIndex {
  readonly images: readonly OciImage[]
  readonly index: Blob
}

/** What an image says of itself, and what a container runs unless told otherwise. */
export interface ImageIdentity {
  readonly platform: Platform
  readonly version: string
  /** Commit, or empty. */
  readonly revision: string
  readonly command: readonly string[]
  /** Arguments that a pod usually replaces. */
  readonly words: readonly string[]
}

const MEDIA_TYPE = {
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  config: 'application/vnd.oci.image.config.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
} as const

/** One layer of files. The same files give the same digest, on every machine and every day. */
export function layerOf(files: readonly ImageFile[]): Layer {
  const archive = Buffer.concat([...tarOf(inOrder(files))])
  // Node's gzip writes no time and no name. Level 6 is the usual trade of size for time.
  const bytes = gzipSync(archive, { level: 6 })
  return { mediaType: MEDIA_TYPE.layer, digest: digestOf(bytes), bytes, diffId: digestOf(archive) }
}

/** An image of the OCI image specification 1.1. */
export function imageOf(
  layers: readonly Layer[],
  { platform, command, words, ...labels }: ImageIdentity,
): OciImage {
  const config = jsonBlob(MEDIA_TYPE.config, {
    ...platformWords(platform),
    config: {
      User: `${IMAGE_USER}:${IMAGE_USER}`,
      Env: ['PATH=/usr/local/bin', 'NODE_ENV=production'],
      Entrypoint: command,
      Cmd: words,
      WorkingDir: `/${APPLICATION_FOLDER}`,
      StopSignal: 'SIGTERM',
      Labels: {
        'org.opencontainers.image.title': 'shardnet',
        'org.opencontainers.image.version': labels.version,
        'org.opencontainers.image.revision': labels.revision,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  })
  const manifest = jsonBlob(MEDIA_TYPE.manifest, {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
  })
  return { platform, layers, config, manifest }
}

/** The images of several platforms as one. */
export function indexOf(images: readonly OciImage[]): OciIndex {
  const manifests = images.map(manifestDescriptor)
  const content = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests }
  return { images, index: jsonBlob(MEDIA_TYPE.index, content) }
}

/**
 * An image as one archive (OCI image layout), under a name by which a container runtime knows it after the import. That
 * name is given once, to the index where there are several platforms: of two things with one name a runtime keeps the later.
 */
export function archiveOf(what: OciImage | OciIndex, name: string): Uint8Array {
  const images = 'index' in what ? what.images : [what]
  const named = 'index' in what ? descriptorOf(what.index) : manifestDescriptor(what)
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  }
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.index,
    manifests: [{ ...named, annotations }],
  }
  const file = (path: string, bytes: Uint8Array): ImageFile => ({
    kind: 'file',
    path,
    mode: 0o644,
    content: { bytes },
  })
  const blobs = [
    ...images.flatMap(({ layers, config, manifest }) => [...layers, config, manifest]),
    ...('index' in what ? [what.index] : []),
  ].map(({ digest, bytes }) => file(`blobs/${digest.replace(':', '/')}`, bytes))
  const files = [
    file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')),
    file('index.json', Buffer.from(JSON.stringify(index))),
    ...blobs,
  ]
  return Buffer.concat([...tarOf(inOrder(files))])
}

function jsonBlob(mediaType: string, value: unknown): Blob {
  const bytes = Buffer.from(JSON.stringify(value))
  return { mediaType, digest: digestOf(bytes), bytes }
}

function manifestDescriptor({ manifest, platform }: OciImage) {
  return { ...descriptorOf(manifest), platform: platformWords(platform) }
}

function platformWords({ architecture, variant }: Platform) {
  return { architecture, os: 'linux', ...(variant === undefined ? {} : { variant }) }
}

function descriptorOf({ mediaType, digest, bytes }: Blob) {
  return { mediaType, digest, size: bytes.length }
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
