import { readFile } from 'node:fs/promises'
import { ConfigError } from '../../config/problems.ts'
import { Secret } from '../../config/secret.ts'

/**
 * Token of the admin door from its file: 16 to 512 visible characters, a line end behind them does not count.
 * @throws ConfigError without quoting what is there.
 */
export async function loadAdminToken(file: string): Promise<Secret> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const got = error instanceof Error && 'code' in error ? String(error.code) : 'an error'
    throw new ConfigError(file, [{ path: '', expected: 'a readable file', got }], { cause: error })
  })
  const token = text.replace(/\r?\n$/, '')
  if (/^[!-~]{16,512}$/.test(token)) return new Secret(Buffer.from(token))
  const expected = 'a token of 16 to 512 visible characters'
  throw new ConfigError(file, [{ path: '', expected, got: `${token.length} characters` }])
}
