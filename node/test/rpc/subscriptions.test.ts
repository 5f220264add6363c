import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { startServer, type Running } from './fixture.ts'

interface Message {
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number }
  readonly method?: string
  readonly params?: {
    readonly subscription: string
    readonly result: { readonly height: number; readonly event?: string }
  }
}

/** A JSON WebSocket client that keeps what it got. */
async function connect({ address }: Running) {
  const socket = new WebSocket(`ws://${address}/`)
  const messages: Message[] = []
  const waiting: (() => void)[] = []
  socket.on('message', (data: Buffer) => {
    // What the server under test says; every test checks what it reads.
    messages.push(JSON.parse(data.toString()) as Message)
    for (const wake of waiting.splice(0)) wake()
  })
  await once(socket, 'open')
  let id = 0
  const when = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const call = async (method: string, params: object = {}): Promise<Message> => {
    const mine = ++id
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: mine, method, params }))
    await when(() => messages.some((message) => message.id === mine))
    return messages.find((message) => message.id === mine) ?? {}
  }
  const notices = (): Message[] =>
    messages.filter(({ method }) => method === 'shardnet_subscription')
  return { socket, call, when, notices }
}

test('commits arrive in order under the name that the answer gave, until unsubscribed', async () => {
  const running = await startServer()
  for (let i = 0; i < 3; i++) running.door.commit()
  const client = await connect(running)
  const { result } = await client.call('shardnet_subscribe', { topic: 'commits', fromHeight: 2 })
  await client.when(() => client.notices().length === 2)
  running.door.commit()
  await client.when(() => client.notices().length === 3)
  assert.deepEqual(
    client.notices().map(({ params }) => [params?.subscription, params?.result.height]),
    [
      [result, 2],
      [result, 3],
      [result, 4],
    ],
  )
  assert.equal(client.notices()[2]?.params?.result.event, '04'.repeat(100))
  assert.equal((await client.call('shardnet_unsubscribe', { subscription: result })).result, true)
  running.door.commit()
  assert.equal((await client.call('shardnet_unsubscribe', { subscription: result })).result, false)
  assert.equal(client.notices().length, 3)
})

test('prepared blocks are a topic of their own', async () => {
  const running = await startServer()
  const client = await connect(running)
  await client.call('shardnet_subscribe', { topic: 'prepared' })
  while (running.door.prepared.size === 0) await new Promise(setImmediate)
  for (const listener of running.door.prepared)
    listener({ height: 5, view: 6, blockHash: running.door.identity.networkId })
  await client.when(() => client.notices().length === 1)
  assert.equal(client.notices()[0]?.params?.result.height, 5)
  client.socket.close()
  await once(client.socket, 'close')
  while (running.door.prepared.size > 0) await new Promise(setImmediate)
})

test('every HTTP method works here; subscriptions are bounded and checked', async () => {
  const running = await startServer({ subscriptionsPerClientMax: 2 })
  const client = await connect(running)
  assert.ok((await client.call('shardnet_status')).result)
  assert.equal((await client.call('shardnet_subscribe', { topic: 'blocks' })).error?.code, -32_602)
  assert.equal(
    (await client.call('shardnet_subscribe', { topic: 'commits', __proto__x: 1 })).error?.code,
    -32_602,
  )
  assert.ok((await client.call('shardnet_subscribe', { topic: 'commits' })).result)
  assert.ok((await client.call('shardnet_subscribe', { topic: 'commits' })).result)
  assert.equal((await client.call('shardnet_subscribe', { topic: 'commits' })).error?.code, -32_602)
})

test('a client with too many calls in flight is disconnected', async () => {
  const running = await startServer({ callsInFlightPerClientMax: 4 })
  running.door.account = () => new Promise(() => undefined)
  const client = await connect(running)
  const ended = once(client.socket, 'close')
  for (let id = 0; id < 6; id++) {
    client.socket.send(
      JSON.stringify({
        jsonrpc: '2.0',
        id,
        method: 'shardnet_getAccount',
        params: { address: '00'.repeat(32) },
      }),
    )
  }
  assert.equal((await ended)[0], 1013)
})
