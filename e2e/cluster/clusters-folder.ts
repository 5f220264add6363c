import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** Where running clusters of this user keep state: gone after a clean end, cleaned by the next run otherwise. */
export function clustersFolder(): string {
  return join(tmpdir(), `shardnet-clusters-${userInfo().uid}`)
}
