import { writeFileDurably } from '@shardnet/node/config'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

const TOKEN_BYTES = 24

/** Makes the token of a testnet's doors for faults, once; only its owner reads it. */
export async function ensureAdminToken(file: string): Promise<void> {
  if (existsSync(file)) return
  const token = `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`
  await writeFileDurably(file, new TextEncoder().encode(token), 0o600)
}

/** The token of a testnet's doors for faults. */
export function adminTokenOf(file: string): string {
  return readFileSync(file, 'utf8').trim()
}
