import { createServer } from 'node:net'
import { LocalError } from './local-error.ts'

/** Address that local testnets listen on: nobody outside this machine reaches them. */
export const LOCAL_HOST = '127.0.0.1'

/**
 * Below the ports that systems give to outgoing connections (Linux: from 32768): a validator that restarts must not find
 * its port taken by a peer's outgoing connection, nor a peer connect to itself.
 */
const FIRST_PORT = 20_000
const LAST_PORT = 32_700

/**
 * Free ports, in order. Where to begin comes from a text, so that testnets do not run into each other.
 * @throws {LocalError} when there are not as many.
 */
export async function findFreePorts(
  count: number,
  text: string,
  taken: ReadonlySet<number>,
): Promise<number[]> {
  const width = LAST_PORT - FIRST_PORT + 1
  const start = hashOf(text) % width
  const found: number[] = []
  for (let step = 0; step < width && found.length < count; step++) {
    const port = FIRST_PORT + ((start + step) % width)
    if (!taken.has(port) && (await isFree(port))) found.push(port)
  }
  if (found.length === count) return found
  throw new LocalError(
    'portInUse',
    `There are not ${count} free ports between ${FIRST_PORT} and ${LAST_PORT}.`,
  )
}

/** The ports from a number on that a person asked for.
 * @throws {LocalError} naming the first one that is in use. */
export async function takePortsFrom(first: number, count: number): Promise<number[]> {
  const ports = Array.from({ length: count }, (_, index) => first + index)
  await mustBeFree(ports)
  return ports
}

/** @throws {LocalError} naming the first port that somebody else uses. */
export async function mustBeFree(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    if (await isFree(port)) continue
    const message = `Port ${port} of ${LOCAL_HOST} is in use by another program: end that one, or take the testnet down with its data and start it anew on free ports.`
    throw new LocalError('portInUse', message)
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
    else reject(error)
  })
  server.listen({ port, host: LOCAL_HOST, exclusive: true }, () =>
    server.close(() => resolve(true)),
  )
  return promise
}

/** FNV-1a: spreads, no more. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  }
  return hash
}
