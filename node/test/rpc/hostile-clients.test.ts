import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { RpcClient } from '../../src/client/rpc-client.ts'
import { encodeClientFrame } from '../../src/client/stream-protocol.ts'
import { startServer, valueOf, type Running } from './fixture.ts'

/** A raw connection; what the server answers is gathered. */
async function connect({
  port,
}: Running): Promise<{ socket: Socket; answer: () => string; closed: Promise<unknown> }> {
  const socket = createConnection({ host: '127.0.0.1', port })
  let text = ''
  socket.on('data', (part) => (text += part.toString('latin1')))
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await once(socket, 'connect')
  return { socket, answer: () => text, closed }
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  socket.on('error', () => undefined)
  await once(socket, 'open')
  return socket
}

function closing(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', (code) => resolve(code)))
}

test('a client that trickles its headers or its body is cut off, and others are served meanwhile', async () => {
  const running = await startServer({ headersTimeoutMs: 100, requestTimeoutMs: 200 })
  const headers = await connect(running)
  headers.socket.write('POST / HTTP/1.1\r\nHost: a\r\n')
  const body = await connect(running)
  body.socket.write(
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
  )
  assert.equal((await new RpcClient(running.address).status()).shard, 1)
  await Promise.all([headers.closed, body.closed])
  assert.match(headers.answer(), /^HTTP\/1\.1 408 /)
  assert.match(body.answer(), /^HTTP\/1\.1 408 /)
})

test('a connection that says nothing is closed', async () => {
  const running = await startServer({ idleTimeoutMs: 100 })
  const { closed } = await connect(running)
  await closed
})

test('connections above the maximum are dropped; those inside keep working', async () => {
  const running = await startServer({ connectionsMax: 8 })
  const client = new RpcClient(running.address)
  await client.status()
  const all = await Promise.all(Array.from({ length: 40 }, () => connect(running)))
  await Promise.all(all.slice(8).map(({ closed }) => closed))
  assert.equal((await client.status()).shard, 1)
  assert.ok(
    (await valueOf(running.metrics, 'shardnet_rpc_disconnects_total{reason="tooMany"}')) >= 32,
  )
})

test('a thousand connections of garbage leave the server as it was', async () => {
  const running = await startServer({ connectionsMax: 2000 })
  for (let round = 0; round < 10; round++) {
    const all = await Promise.all(Array.from({ length: 100 }, () => connect(running)))
    for (const [i, { socket }] of all.entries()) socket.end(`\u0000\u00ff${i} nonsense\r\n\r\n`)
    await Promise.all(all.map(({ closed }) => closed))
  }
  assert.equal((await new RpcClient(running.address).status()).shard, 1)
  assert.deepEqual(running.errors, [])
})

test('headers above the maximum are refused', async () => {
  const running = await startServer()
  const { socket, answer, closed } = await connect(running)
  socket.write(`GET /livez HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(10_000)}\r\n\r\n`)
  await closed
  assert.match(answer(), /^HTTP\/1\.1 431 /)
})

test('a stream client that never reads its replies is disconnected at its buffer, not later', async () => {
  const running = await startServer({ clientBufferBytesMax: 300_000 })
  const socket = await open(`ws://${running.address}/stream`)
  const ended = closing(socket)
  socket.pause()
  const request = encodeClientFrame({ kind: 'eventRequest', height: 1 })
  running.door.commit(100_000)
  // Until the kernel's buffers are full the server cannot notice.
  while (
    socket.readyState === WebSocket.OPEN &&
    (await valueOf(running.metrics, 'shardnet_rpc_disconnects_total{reason="slowReader"}')) === 0
  ) {
    for (let i = 0; i < 10; i++) socket.send(request)
    await new Promise(setImmediate)
  }
  assert.equal(
    await valueOf(running.metrics, 'shardnet_rpc_disconnects_total{reason="slowReader"}'),
    1,
  )
  socket.resume()
  await ended
})

test('a subscriber that does not read falls out of the ring and is disconnected; memory stays the ring', async () => {
  const running = await startServer()
  const slow = await open(`ws://${running.address}/stream`)
  const fast = await open(`ws://${running.address}/stream`)
  const seen: unknown[] = []
  fast.on('message', () => seen.push(null))
  for (const socket of [slow, fast])
    socket.send(encodeClientFrame({ kind: 'subscribe', detail: 'full', fromHeight: 1 }))
  slow.pause()
  const ended = closing(slow)
  let commits = 0
  while (
    (await valueOf(running.metrics, 'shardnet_rpc_disconnects_total{reason="slowReader"}')) === 0
  ) {
    running.door.commit(200_000)
    commits++
    while (seen.length < running.door.height) await new Promise(setImmediate)
  }
  assert.ok(commits > 100, `${commits} commits`)
  slow.resume()
  await ended
})

test('a client that does not answer pings is disconnected', async () => {
  const running = await startServer({ pingIntervalMs: 30 })
  const socket = new WebSocket(`ws://${running.address}/stream`, {
    perMessageDeflate: false,
    autoPong: false,
  })
  await once(socket, 'open')
  await closing(socket)
})

test('too many streams, other origins and other paths are refused at the upgrade', async () => {
  const running = await startServer({ streamsMax: 2 })
  const statusOf = (url: string, origin?: string): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(url, origin === undefined ? {} : { origin })
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.on('open', () => resolve(101))
      socket.on('error', () => undefined)
    })
  const url = `ws://${running.address}/stream`
  assert.deepEqual([await statusOf(url), await statusOf(url), await statusOf(url)], [101, 101, 503])
  assert.equal(await statusOf(`ws://${running.address}/`, 'http://evil.example'), 403)
  assert.equal(await statusOf(`ws://${running.address}/`, `http://${running.address}`), 101)
  assert.equal(await statusOf(`ws://${running.address}/other`), 404)
})

test('what is not the stream protocol ends that connection only', async () => {
  const running = await startServer()
  const bystander = await open(`ws://${running.address}/stream`)
  const bad = [
    Uint8Array.of(),
    Uint8Array.of(99),
    Uint8Array.of(1),
    Uint8Array.of(1, 7, 0, 0, 0, 0, 0, 0, 0, 0),
    'text',
  ]
  for (const message of bad) {
    const socket = await open(`ws://${running.address}/stream`)
    const ended = closing(socket)
    socket.send(message)
    assert.equal(await ended, 1002)
  }
  const large = await open(`ws://${running.address}/stream`)
  const ended = closing(large)
  large.send(new Uint8Array(1_048_576 + 6))
  assert.equal(await ended, 1009)
  const answered = once(bystander, 'message')
  bystander.send(encodeClientFrame({ kind: 'eventRequest', height: 7 }))
  await answered
})
