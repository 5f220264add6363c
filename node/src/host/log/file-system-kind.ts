import { statfs } from 'node:fs/promises'
import { LogError } from '../../core/log/log-error.ts'

/** Magic numbers of statfs(2) that are worth a name. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x2fc12fc1, 'zfs'],
  [0x794c7630, 'overlayfs'],
  [0xf2f52010, 'f2fs'],
  [0x6969, 'nfs'],
  [0x65735546, 'fuse'],
  [0x01021997, '9p'],
])
const MEMORY: ReadonlySet<string> = new Set(['tmpfs', 'ramfs'])

/** What a folder lies on. */
export interface FileSystemKind {
  /** Name, or the magic number in hexadecimal where it has none here. */
  readonly name: string
  /** Nothing there is durable, so figures of fsync mean nothing. */
  readonly isMemory: boolean
}

/** The kind of file system that an existing path lies on. */
export async function fileSystemKindOf(path: string): Promise<FileSystemKind> {
  const { type } = await statfs(path)
  const magic = type >>> 0
  const name = NAMES.get(magic) ?? `0x${magic.toString(16)}`
  return { name, isMemory: MEMORY.has(name) }
}

/**
 * For measurements, which a disk in memory would make meaningless.
 * @throws LogError `memoryFileSystem`.
 */
export async function refuseMemoryFileSystem(path: string): Promise<FileSystemKind> {
  const kind = await fileSystemKindOf(path)
  if (!kind.isMemory) return kind
  throw new LogError(
    'memoryFileSystem',
    `${path}: lies on ${kind.name}, in memory, where nothing is durable; name a folder on a disk.`,
  )
}
