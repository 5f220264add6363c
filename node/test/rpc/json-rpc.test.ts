import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { RpcCallError, RpcClient } from '../../src/client/rpc-client.ts'
import { refusalCode } from '../../src/client/refusal-code.ts'
import { addressOf, encodeTransfer, transactionIdOf } from '../../src/core/wire/transaction.ts'
import { bytesOfHash } from '../../src/core/primitives/hash.ts'
import { hexOf } from '../../src/core/primitives/bytes.ts'
import { RpcError } from '../../src/host/rpc/rpc-error.ts'
import { RpcServer } from '../../src/host/rpc/rpc-server.ts'
import { NETWORK_ID, startServer, valueOf, type Running } from './fixture.ts'

interface Reply {
  readonly status: number
  readonly headers: Headers
  // JSON of the server under test; every test checks what it reads.
  readonly json: unknown
}

async function post(
  { address }: Running,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(`http://${address}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : Buffer.from(body),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type') === 'application/json'
  return {
    status: response.status,
    headers: response.headers,
    json: isJson ? JSON.parse(text) : null,
  }
}

function call(method: string, params: unknown = {}, id: unknown = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params })
}

function errorOf(json: unknown): {
  code: number
  data?: { problems?: { path: string }[]; code?: string }
} {
  assert.ok(typeof json === 'object' && json !== null && 'error' in json, JSON.stringify(json))
  return json.error as ReturnType<typeof errorOf>
}

function transaction(): Uint8Array {
  const key = new Uint8Array(32).fill(3)
  return encodeTransfer({
    networkId: NETWORK_ID,
    payerSlot: 20_000,
    payerKey: key,
    nonce: 1,
    validUntil: 100,
    fee: 1,
    payees: [{ address: addressOf(1, key), amount: 5 }],
    payload: new Uint8Array(0),
  })
}

test('every lookup answers in the shapes that the client expects', async () => {
  const running = await startServer()
  const client = new RpcClient(running.address)
  const status = await client.status()
  assert.deepEqual([status.shard, status.validator, status.view, status.notReady], [1, 2, 9, null])
  const account = await client.account(`01${'00'.repeat(31)}`)
  assert.equal(account?.balance, 12_345_678_901_234_567n)
  assert.equal(account?.nonceBitmap, 5n)
  assert.equal(await client.account('00'.repeat(32)), null)
  assert.equal(await client.transaction('00'.repeat(32)), null)
  assert.deepEqual(await client.cell(new Uint8Array(32).fill(1)), {
    height: 0,
    value: Uint8Array.of(1, 255),
    proof: null,
  })
  assert.equal(await client.cell(new Uint8Array(32)), null)
  assert.equal(await client.call('shardnet_getBlock', { height: 1 }), null)
  assert.equal(await client.call('shardnet_getCertificate', { height: 1 }), null)
  assert.deepEqual(await client.call('shardnet_getPeers'), running.door.peers())
  assert.deepEqual(await client.call('shardnet_getNetwork'), {
    networkId: NETWORK_ID,
    shards: 4,
    validatorsPerShard: 7,
    parameters: { viewTimeoutMs: 2000 },
  })
})

test('a sent transaction is answered when it is durable, with its id and tag', async () => {
  const running = await startServer()
  const bytes = transaction()
  const sent = await new RpcClient(running.address).sendTransaction(bytes)
  assert.equal(sent.id, transactionIdOf(bytesOfHash(NETWORK_ID), bytes))
  assert.equal(sent.tag, hexOf(bytes.subarray(-64, -56)))
  assert.deepEqual([...(running.door.submissions[0]?.bytes ?? [])], [...bytes])
})

test('a refused transaction says why; a wrong length never reaches the door', async () => {
  const running = await startServer()
  running.door.onSubmit = ({ listener }) => {
    listener.onRefused(0, refusalCode.NONCE_TAKEN)
    return { kind: 'taken' }
  }
  const client = new RpcClient(running.address)
  const failureOf = async (bytes: Uint8Array): Promise<unknown> => {
    const error = await client.sendTransaction(bytes).then(
      () => null,
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof RpcCallError && error.failure.kind === 'rpc')
    return error.failure.data
  }
  assert.deepEqual(await failureOf(transaction()), { code: 'NONCE_TAKEN' })
  const series = 'shardnet_rpc_refused_transactions_total{code="NONCE_TAKEN"}'
  assert.equal(await valueOf(running.metrics, series), 1)
  assert.deepEqual(await failureOf(transaction().subarray(0, -1)), { code: 'MALFORMED' })
  assert.deepEqual(await failureOf(Buffer.concat([transaction(), transaction()])), {
    code: 'MALFORMED',
  })
  assert.equal(running.door.submissions.length, 1)
})

test('a full door is status 429 with Retry-After, over JSON-RPC too', async () => {
  const running = await startServer()
  running.door.onSubmit = () => ({ kind: 'full', retryAfterMs: 1500 })
  const { status, headers, json } = await post(
    running,
    call('shardnet_sendTransaction', { transaction: hexOf(transaction()) }),
  )
  assert.equal(status, 429)
  assert.equal(headers.get('retry-after'), '2')
  assert.deepEqual(errorOf(json), {
    code: -32_005,
    message: 'the queue is full',
    data: { code: 'BUSY', retryAfterMs: 1500 },
  })
  assert.equal(await valueOf(running.metrics, 'shardnet_rpc_requests_total{outcome="full"}'), 1)
})

test('a transaction that is not durable in time is neither a success nor a refusal', async () => {
  const running = await startServer({ acknowledgeTimeoutMs: 20 })
  running.door.onSubmit = () => ({ kind: 'taken' })
  const { json } = await post(
    running,
    call('shardnet_sendTransaction', { transaction: hexOf(transaction()) }),
  )
  assert.equal(errorOf(json).code, -32_006)
})

test('what is not JSON-RPC gets the code that the specification names', async () => {
  const running = await startServer()
  const codeOf = async (body: string | Uint8Array): Promise<number> =>
    errorOf((await post(running, body)).json).code
  assert.equal(await codeOf(''), -32_700)
  assert.equal(await codeOf('{'), -32_700)
  assert.equal(await codeOf(Uint8Array.of(0x22, 0xff, 0xfe, 0x22)), -32_700, 'bad UTF-8')
  assert.equal(await codeOf(Buffer.from('\uFEFF{}')), -32_700, 'a byte order mark')
  for (const body of [
    'null',
    '1',
    '"x"',
    '{}',
    '[]',
    '{"jsonrpc":"1.0","id":1,"method":"shardnet_status"}',
  ]) {
    assert.equal(await codeOf(body), -32_600, body)
  }
  assert.equal(
    await codeOf('{"jsonrpc":"2.0","id":1e400,"method":"shardnet_status"}'),
    -32_600,
    'an infinite id',
  )
  assert.equal(await codeOf('{"jsonrpc":"2.0","id":{},"method":"shardnet_status"}'), -32_600)
  assert.equal(
    await codeOf('{"jsonrpc":"2.0","id":1,"method":"shardnet_status","extra":1}'),
    -32_600,
  )
  assert.equal(await codeOf(call('shardnet_nothing')), -32_601)
  for (const method of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    assert.equal(await codeOf(call(method)), -32_601)
})

test('parameters are refused with every problem at once', async () => {
  const running = await startServer()
  const { json } = await post(
    running,
    call('shardnet_getAccount', { address: 'zz', proof: 'yes', more: 1 }),
  )
  const error = errorOf(json)
  assert.equal(error.code, -32_602)
  assert.deepEqual(error.data?.problems?.map(({ path }) => path).toSorted(), [
    'address',
    'more',
    'proof',
  ])
  for (const height of [-1, 1.5, 1e308, '1', null, 2 ** 60]) {
    const reply = await post(running, call('shardnet_getBlock', { height }))
    assert.equal(errorOf(reply.json).code, -32_602, String(height))
  }
  assert.equal(
    errorOf((await post(running, call('shardnet_getBlock', [1]))).json).code,
    -32_602,
    'positional parameters',
  )
})

test('prototype keys stay data', async () => {
  const running = await startServer()
  const bodies = [
    '{"jsonrpc":"2.0","id":1,"method":"shardnet_getBlock","params":{"__proto__":{"height":1}}}',
    '{"jsonrpc":"2.0","id":1,"method":"shardnet_getBlock","params":{"height":1,"constructor":{"prototype":{"x":1}}}}',
    '{"__proto__":{"jsonrpc":"2.0","id":1,"method":"shardnet_status"}}',
  ]
  for (const body of bodies)
    assert.ok(errorOf((await post(running, body)).json).code <= -32_600, body)
  assert.equal(({} as Record<string, unknown>)['x'], undefined)
})

test('a batch answers each call; eleven are one refusal; notifications are silent', async () => {
  const running = await startServer()
  const ten = `[${Array.from({ length: 10 }, (_, i) => call('shardnet_status', {}, i)).join(',')}]`
  const { json } = await post(running, ten)
  assert.ok(Array.isArray(json) && json.length === 10)
  const eleven = await post(
    running,
    `[${Array.from({ length: 11 }, (_, i) => call('shardnet_status', {}, i)).join(',')}]`,
  )
  assert.equal(errorOf(eleven.json).code, -32_600)
  const notification = await post(running, '{"jsonrpc":"2.0","method":"shardnet_status"}')
  assert.equal(notification.status, 204)
  const mixed = await post(
    running,
    `[{"jsonrpc":"2.0","method":"shardnet_status"},${call('shardnet_status', {}, 'a')},7]`,
  )
  assert.ok(Array.isArray(mixed.json) && mixed.json.length === 2)
})

test('whatever JSON arrives, the answer is JSON-RPC and the server lives', async () => {
  const running = await startServer()
  const methods = fc.oneof(
    fc.constantFrom(
      'shardnet_status',
      'shardnet_getBlock',
      'shardnet_getAccount',
      'shardnet_sendTransaction',
    ),
    fc.string(),
  )
  const requests = fc.record(
    {
      jsonrpc: fc.oneof(fc.constant('2.0'), fc.jsonValue()),
      id: fc.jsonValue(),
      method: methods,
      params: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(requests, fc.array(requests, { maxLength: 12 }), fc.jsonValue()),
      async (value) => {
        const { status, json } = await post(running, JSON.stringify(value))
        assert.ok(status === 200 || status === 204)
        for (const item of Array.isArray(json) ? json : status === 204 ? [] : [json]) {
          assert.ok(
            typeof item === 'object' &&
              item !== null &&
              item.jsonrpc === '2.0' &&
              ('result' in item || 'error' in item),
          )
        }
      },
    ),
    { numRuns: 200 },
  )
  assert.deepEqual(running.errors, [])
})

test('bodies above the limit, other types, other methods and other paths are refused', async () => {
  const running = await startServer({ bodyBytesMax: 1000 })
  assert.equal((await post(running, 'x'.repeat(1001))).status, 413)
  const chunked = await fetch(`http://${running.address}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new ReadableStream({
      start(controller) {
        for (let i = 0; i < 5; i++) controller.enqueue(new Uint8Array(400).fill(0x20))
        controller.close()
      },
    }),
    duplex: 'half',
  })
  assert.equal(chunked.status, 413)
  assert.equal(
    (await post(running, call('shardnet_status'), { 'content-type': 'text/plain' })).status,
    415,
  )
  assert.equal((await fetch(`http://${running.address}/`, { method: 'PUT' })).status, 405)
  assert.equal((await fetch(`http://${running.address}/livez`, { method: 'POST' })).status, 405)
  assert.equal((await fetch(`http://${running.address}/nothing`)).status, 404)
  assert.equal((await post(running, call('shardnet_status'))).status, 200)
})

test('probes tell life from readiness, and a scrape shows every metric', async () => {
  const running = await startServer()
  const client = new RpcClient(running.address)
  running.door.notReady = 'replaying the log'
  assert.deepEqual(await client.get('/livez'), { ok: true, text: 'ok\n' })
  assert.deepEqual(await client.get('/readyz'), { ok: false, text: 'replaying the log\n' })
  running.door.notReady = null
  assert.equal((await client.get('/readyz')).ok, true)
  assert.match(
    (await client.get('/metrics')).text,
    /^shardnet_rpc_refused_transactions_total\{code="BAD_SIGNATURE"\} 0$/m,
  )
})

test('a failing lookup is "internal error" for the client and an error for the operator', async () => {
  const running = await startServer()
  running.door.failure = new Error('the disk is gone')
  const { json } = await post(running, call('shardnet_getAccount', { address: '00'.repeat(32) }))
  assert.equal(errorOf(json).code, -32_603)
  assert.doesNotMatch(JSON.stringify(json), /disk/)
  assert.deepEqual(running.errors, [running.door.failure])
})

test('an HTTP port in use is one clear error, and the default is loopback', async () => {
  const { port, server, door, metrics } = await startServer()
  assert.equal(server.address.host, '127.0.0.1')
  const second = new RpcServer({ door, metrics, listen: { port }, onError: () => undefined })
  await assert.rejects(second.start(), (error) => {
    assert.ok(error instanceof RpcError && error.code === 'addressInUse')
    assert.equal(error.message, `the HTTP port 127.0.0.1:${port} is in use by another process`)
    return true
  })
})

test('the client tells apart: nobody there, too slow, aborted', async () => {
  const running = await startServer()
  running.door.onSubmit = () => ({ kind: 'taken' })
  const client = new RpcClient(running.address)
  const kindOf = (error: unknown) => (error instanceof RpcCallError ? error.failure.kind : error)
  assert.equal(
    await client.sendTransaction(transaction(), { timeoutMs: 30 }).catch(kindOf),
    'timeout',
  )
  const controller = new AbortController()
  const aborted = client
    .sendTransaction(transaction(), { signal: controller.signal })
    .catch((error: unknown) => error)
  controller.abort()
  const reason = await aborted
  assert.ok(reason instanceof DOMException && reason.name === 'AbortError')
  await running.server.stop()
  assert.equal(await client.status().catch(kindOf), 'unreachable')
})
