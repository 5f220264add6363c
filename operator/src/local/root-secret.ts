import { createRootSecret, Secret, writeFileDurably } from '@shardnet/node/config'
import { readFile } from 'node:fs/promises'
import { LocalError } from './local-error.ts'

/** The secret that all keys of a testnet come from; generated once, readable by its owner only. */
export async function ensureRootSecret(file: string): Promise<Secret> {
  const known = await readIfThere(file)
  if (known !== null) {
    if (/^[0-9a-f]{64}\n$/.test(known))
      return new Secret(new Uint8Array(Buffer.from(known.trim(), 'hex')))
    throw new LocalError(
      'damagedState',
      `${file} is damaged: take the testnet down with its data and start it anew.`,
    )
  }
  const secret = createRootSecret()
  const text = `${Buffer.from(secret.reveal()).toString('hex')}\n`
  await writeFileDurably(file, new TextEncoder().encode(text), 0o600)
  return secret
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
