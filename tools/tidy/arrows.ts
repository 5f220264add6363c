import { importsOf, resolveRelative } from './imports.ts'
import type { SourceFile } from './source-file.ts'

/** Top to bottom: a room may import the rooms before it, none after it. The same table stands in ARCHITECTURE.md. */
export const roomsInOrder = [
  'native',
  'node',
  'load-generator',
  'simulator',
  'operator',
  'dashboards',
  'charts',
  'cli',
  'infra',
  'e2e',
] as const

/** Inside the node: which folder of `node/src` may import which. */
const nodeArrows: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  config: ['core', 'config'],
  client: ['core', 'config', 'client'],
  // The server of a protocol speaks what its client side defines.
  host: ['core', 'config', 'client', 'host'],
  audit: ['core', 'config', 'audit'],
}

/**
 * infra/ has an install of its own, in which no room is a package. What it takes from a room it reaches by path, and that may
 * import nothing at run time but a file beside it. tools/ is no package: the suites share the user's cache folder with it.
 */
const byPath: Readonly<Record<string, readonly string[]>> = {
  'e2e/cluster/build/build-tools.ts': ['tools/user-cache-folder.ts'],
  'infra/src/cost/estimate.ts': [
    'load-generator/src/cost/cost.ts',
    'load-generator/src/cost/price-table.ts',
  ],
}

/** A room reaches only rooms above it, and only through their `exports`, never by a path into their folder. */
export function roomArrowProblems(files: readonly SourceFile[]): readonly string[] {
  return codeOf(files).flatMap((file) =>
    importsOf(file).flatMap((specifier) => {
      const room = roomOf(file.path)
      if (room === undefined) return []
      const target = resolveRelative(file.path, specifier)
      if (target !== undefined && byPath[file.path]?.includes(target)) return []
      if (target !== undefined && roomOf(target) !== room) {
        return [`${file.path}: '${specifier}' leaves the room; import it through its exports`]
      }
      const imported = /^@shardnet\/([^/]+)/.exec(specifier)?.[1]
      if (imported === undefined || orderOf(imported) < orderOf(room)) return []
      return [`${file.path}: '${specifier}' is not above ${room} in the table of rooms`]
    }),
  )
}

/** tools/ makes, checks and packs what is in the rooms, so it starts their programs and imports nothing of them. */
export function toolArrowProblems(files: readonly SourceFile[]): readonly string[] {
  return (
    codeOf(files)
      // Its tests hold planted imports as texts.
      .filter(({ path }) => path.startsWith('tools/') && !path.startsWith('tools/test/'))
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => {
            const target = resolveRelative(file.path, specifier)
            const isPathIntoRoom = target !== undefined && roomOf(target) !== undefined
            return isPathIntoRoom || specifier.startsWith('@shardnet/')
          })
          .map(
            (specifier) =>
              `${file.path}: '${specifier}' is in a room; tools/ stands below all of them`,
          ),
      )
  )
}

/** The protocol knows nothing of its host, and the reader that audits a run nothing of the executor. */
export function nodeArrowProblems(files: readonly SourceFile[]): readonly string[] {
  const direct = codeOf(files).flatMap((file) => {
    const allowed = nodeArrows[folderOf(file.path) ?? '']
    if (allowed === undefined) return []
    return targetsOf(file)
      .filter((target) => !allowed.includes(folderOf(target) ?? ''))
      .map((target) => `${file.path}: node/src/${folderOf(file.path)} must not import ${target}`)
  })
  return [...direct, ...auditProblems(files)]
}

/** Two programs that share code share its mistakes, so this holds for every file that the audit reaches. */
function auditProblems(files: readonly SourceFile[]): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const reached = new Map<string, string>()
  const visit = (path: string, from: string): void => {
    if (reached.has(path)) return
    reached.set(path, from)
    const file = byPath.get(path)
    if (file === undefined) return
    for (const target of targetsOf(file)) visit(target, path)
  }
  for (const { path } of codeOf(files)) if (folderOf(path) === 'audit') visit(path, path)
  return [...reached]
    .filter(([path]) => path.startsWith('node/src/core/ledger/'))
    .map(([path, from]) => `${from}: node/src/audit must share no code with the executor (${path})`)
}

/** A file that only passes names on hides where things live: doors do that, nothing else. */
export function barrelProblems(files: readonly SourceFile[]): readonly string[] {
  return codeOf(files)
    .filter(({ path }) => !path.endsWith('/door.ts'))
    .filter(({ text }) =>
      /^export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s*(?:as\s+\w+\s+)?from\s/m.test(text),
    )
    .map(({ path }) => `${path}: re-exports from another file; only a door.ts does that`)
}

function codeOf(files: readonly SourceFile[]): readonly SourceFile[] {
  return files.filter(({ path }) => path.endsWith('.ts'))
}

function targetsOf(file: SourceFile): readonly string[] {
  return importsOf(file).flatMap((specifier) => {
    const target = resolveRelative(file.path, specifier)
    return target?.startsWith('node/src/') ? [target] : []
  })
}

function roomOf(path: string): string | undefined {
  return roomsInOrder.find((room) => path.startsWith(`${room}/`))
}

function orderOf(room: string): number {
  const order = roomsInOrder.findIndex((name) => name === room)
  return order === -1 ? Number.POSITIVE_INFINITY : order
}

function folderOf(path: string): string | undefined {
  return /^node\/src\/([^/]+)\//.exec(path)?.[1]
}
