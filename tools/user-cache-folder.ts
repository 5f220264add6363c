import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** The project's part of the user's cache folder: what a fresh clone need not build or fetch a second time. */
export function userCacheFolder(): string {
  const told = process.env['XDG_CACHE_HOME'] ?? ''
  // The XDG base directory specification: a relative path counts as none.
  return join(isAbsolute(told) ? told : join(homedir(), '.cache'), 'shardnet')
}
