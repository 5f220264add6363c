// A stand-in for node/src/host/main.ts: the same arguments, files and messages, and nothing behind them. What it does at
// its start can be told by a file beside its configuration: `die` (ends at once, saying why) or `silent` (never ready).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'

const Config = z.looseObject({
  dataDirectory: z.string(),
  listen: z.looseObject({ http: z.string() }),
})

const [verb, ...files] = process.argv.slice(2)
if (verb === 'init') files.forEach(initialise)
else if (verb === 'run' && files[0] !== undefined) run(files[0])
else process.exit(2)

function read(file: string) {
  const config = Config.parse(JSON.parse(readFileSync(file, 'utf8')))
  return { ...config, dataDirectory: resolve(dirname(file), config.dataDirectory) }
}

function initialise(file: string): void {
  const { dataDirectory } = read(file)
  mkdirSync(dataDirectory, { recursive: true })
  writeFileSync(join(dataDirectory, 'birth'), 'born', { flag: 'wx' })
}

function run(file: string): void {
  const { dataDirectory, listen } = read(file)
  const orders = join(dirname(file), 'orders')
  const order = existsSync(orders) ? readFileSync(orders, 'utf8') : ''
  process.on('disconnect', () => process.exit(0))
  process.on('SIGTERM', () => process.exit(0))
  if (!existsSync(join(dataDirectory, 'birth'))) return fail('it has no birth record')
  if (order === 'die') return fail('it was told to')
  console.log(`started ${file}`)
  const [host, port] = listen.http.split(':')
  const server = createServer((_, response) => response.end('stand-in'))
  server.once('error', (error) => fail(error.message))
  server.listen(Number(port), host, () => {
    if (order !== 'silent')
      process.send?.({ kind: 'ready', httpAddress: listen.http, p2pAddress: '' })
  })
}

function fail(message: string): void {
  process.send?.({ kind: 'failed', message }, () => process.exit(3))
}
