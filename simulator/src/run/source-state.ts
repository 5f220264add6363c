import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The state of what runs: all that a thread loads, of the simulator and of the node. */
export interface SourceState {
  /** SHA-256 over names and contents of these files, and the lock of the packages: 16 hexadecimal characters. */
  readonly fingerprint: string
  /** The last commit that changed any of them. */
  readonly commit: string
  /** One was changed since: what the counter says then holds for nobody else. */
  readonly isDirty: boolean
}

const ROOT = resolve(import.meta.dirname, '../../..')
/** What is counted, and the file of the threads that run it. */
const THREAD_OF = {
  seeds: 'simulator/src/run/seed-worker.ts',
  twins: 'simulator/src/run/twins-worker.ts',
} as const
export type Counted = keyof typeof THREAD_OF
/** Not the words in a text, such as the kind `'import'`: what follows it up to the next quotation mark is no file's name. */
const IMPORT = /(?<!')\b(?:from|import)\s*\(?\s*'([^'\n]+)'/g

/** What runs here, and what git says about it. */
export function sourceState(counted: Counted, root = ROOT): SourceState {
  const files = [...sourcesOf(root, counted), join(root, 'package-lock.json')]
  const names = files.map((file) => relative(root, file)).sort()
  const hash = createHash('sha256')
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(root, name)))
  const fingerprint = hash.digest('hex').slice(0, 16)
  const git = (...words: string[]) =>
    execFileSync('git', [...words, '--', ...names], { cwd: root, encoding: 'utf8' }).trim()
  try {
    const isDirty = git('status', '--porcelain') !== ''
    return { fingerprint, commit: git('rev-list', '-1', 'HEAD'), isDirty }
  } catch {
    // No git, or no repository: a downloaded archive. Its seeds can be counted all the same.
    return { fingerprint, commit: 'unknown', isDirty: true }
  }
}

/** The file of a thread, and everything of this project that it imports, directly or not. */
export function sourcesOf(root: string, counted: Counted): ReadonlySet<string> {
  const waiting = [join(root, THREAD_OF[counted])]
  const found = new Set<string>()
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue
    found.add(file)
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (specifier?.startsWith('.')) waiting.push(resolve(dirname(file), specifier))
      else if (specifier?.startsWith('@shardnet/')) waiting.push(doorOf(root, specifier))
    }
  }
  return found
}

/** File of a room's door, below the same root. */
function doorOf(root: string, specifier: string): string {
  const here = fileURLToPath(import.meta.resolve(specifier))
  return join(root, relative(ROOT, here))
}
