import type { ImageFile } from './image-file.ts'
import { debianLibraries } from './debian-libraries.ts'
import type { Library } from './library.ts'
import { machineLibraries } from './machine-libraries.ts'
import { nodeFor } from './node-package.ts'
import type { Platform } from './platform.ts'

/** The user that every container runs as; the number that distroless images give to `nonroot`. */
export const IMAGE_USER = 65_532
/** Where Node is in the image, in both builds. */
export const NODE_IN_IMAGE = 'usr/local/bin/node'

/** What runs the application. */
export interface Runtime {
  readonly node: { readonly file: ImageFile & { readonly kind: 'file' }; readonly version: string }
  readonly libraries: readonly Library[]
}

/** Node alone: a base image has the libraries. */
export function nodeRuntime(platform: Platform): Runtime {
  const { path, version } = nodeFor(platform)
  const file = { kind: 'file', path: NODE_IN_IMAGE, mode: 0o755, content: { from: path } } as const
  return { node: { file, version }, libraries: [] }
}

/**
 * Node with the shared libraries that it and the add-ons need (glibc, the C++ library): this machine's own, or, for another
 * architecture, those that Debian would install there.
 * @param addOns shared objects that Node loads at run time.
 */
export function wholeRuntime(platform: Platform, addOns: readonly string[]): Runtime {
  const runtime = nodeRuntime(platform)
  const programs = [nodeFor(platform).path, ...addOns]
  const isOfMachine = process.platform === 'linux' && process.arch === platform.nodeArchitecture
  const libraries = isOfMachine ? machineLibraries(programs) : debianLibraries(programs, platform)
  return { ...runtime, libraries }
}

/**
 * What a base image would bring: the runtime, names for users, and a folder for temporary files. No shell, no package
 * manager.
 */
export function runtimeFiles({ node, libraries }: Runtime): readonly ImageFile[] {
  return [
    node.file,
    ...libraries.map(({ file }) => file),
    text('etc/passwd', [
      'root:x:0:0:root:/root:/sbin/nologin',
      `nonroot:x:${IMAGE_USER}:${IMAGE_USER}:nonroot:/:/sbin/nologin`,
    ]),
    text('etc/group', ['root:x:0:', `nonroot:x:${IMAGE_USER}:`]),
    text('etc/nsswitch.conf', ['passwd: files', 'group: files', 'hosts: files dns']),
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
  ]
}

function text(path: string, lines: readonly string[]): ImageFile {
  const bytes = Buffer.from(`${lines.join('\n')}\n`)
  return { kind: 'file', path, mode: 0o644, content: { bytes } }
}
