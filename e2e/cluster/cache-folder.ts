import { homedir, tmpdir, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** The project's part of the user's cache folder: the only place where suites leave something for later runs. */
export function userCacheFolder(): string {
  const told = process.env['XDG_CACHE_HOME'] ?? ''
  // The XDG base directory specification: a relative path counts as none.
  return join(isAbsolute(told) ? told : join(homedir(), '.cache'), 'shardnet')
}

/** Where running clusters of this user keep state: gone after a clean end, cleaned by the next run otherwise. */
export function clustersFolder(): string {
  return join(tmpdir(), `shardnet-clusters-${userInfo().uid}`)
}
