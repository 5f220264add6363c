import { connect, createServer, type Socket } from 'node:net'

/**
 * `node relay.ts FROM TO`, each `HOST:PORT` or the path of a Unix socket: passes connections on. A socket in the file
 * system has no network namespace, so two of these carry TCP from one namespace into another.
 */
const [from = '', to = ''] = process.argv.slice(2)
const server = createServer({ allowHalfOpen: true }, (client) => join(client, connect(placeOf(to))))
server.listen(placeOf(from))
process.on('SIGTERM', () => process.exit(0))

function placeOf(text: string) {
  if (text.startsWith('/')) return { path: text, allowHalfOpen: true }
  const cut = text.lastIndexOf(':')
  return { host: text.slice(0, cut), port: Number(text.slice(cut + 1)), allowHalfOpen: true }
}

function join(a: Socket, b: Socket): void {
  // One end that breaks takes the other with it, as a cable would.
  a.on('error', () => b.destroy())
  b.on('error', () => a.destroy())
  a.pipe(b)
  b.pipe(a)
}
