import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The commit of this clone, `-dirty` when it was changed since; `unknown` where there is no git. */
export function commitOfClone(): string {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  try {
    const words = ['-C', root, 'describe', '--always', '--dirty', '--exclude=*']
    return execFileSync('git', words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown' // Not a clone, or no git: nothing that a run should end for.
  }
}
