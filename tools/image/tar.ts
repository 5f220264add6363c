import { readFileSync } from 'node:fs'
import type { ImageFile } from './image-file.ts'

const BLOCK = 512
const NAME_BYTES_MAX = 100
const PREFIX_BYTES_MAX = 155
const TYPE = { file: '0', link: '2', folder: '5' } as const

/**
 * A tar archive (POSIX.1-1988, ustar) with nothing of the day or the machine in it: owner 0, time 0.
 * @throws when a path does not fit the format, which no path of ours comes near.
 */
export function* tarOf(files: readonly ImageFile[]): Generator<Uint8Array> {
  for (const file of files) {
    const bytes = contentOf(file)
    yield headerOf(file, bytes.length)
    if (bytes.length === 0) continue
    yield bytes
    yield new Uint8Array(-bytes.length & (BLOCK - 1))
  }
  yield new Uint8Array(2 * BLOCK)
}

function contentOf(file: ImageFile): Uint8Array {
  if (file.kind !== 'file') return new Uint8Array(0)
  return 'bytes' in file.content ? file.content.bytes : readFileSync(file.content.from)
}

function headerOf(file: ImageFile, size: number): Uint8Array {
  const header = Buffer.alloc(BLOCK)
  const { name, prefix } = split(file.kind === 'folder' ? `${file.path}/` : file.path)
  const mode = file.kind === 'link' ? 0o777 : file.mode
  header.write(name, 0)
  header.write(octal(mode, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(size, 12), 124)
  header.write(octal(0, 12), 136)
  header.write(' '.repeat(8), 148)
  header.write(TYPE[file.kind], 156)
  if (file.kind === 'link') header.write(mustFit(file.target, NAME_BYTES_MAX), 157)
  header.write('ustar\u000000', 257)
  header.write(prefix, 345)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** A path longer than a name goes into prefix and name, cut at a slash. */
function split(path: string): { readonly name: string; readonly prefix: string } {
  if (Buffer.byteLength(path) <= NAME_BYTES_MAX) return { name: path, prefix: '' }
  const cut = path.indexOf('/', path.length - NAME_BYTES_MAX - 1)
  const prefix = mustFit(path.slice(0, cut), PREFIX_BYTES_MAX)
  return { name: mustFit(path.slice(cut + 1), NAME_BYTES_MAX), prefix }
}

function mustFit(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax && text !== '') return text
  throw new Error(`${text}: a path of this length does not fit into a tar archive`)
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}
