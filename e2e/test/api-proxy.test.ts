import assert from 'node:assert/strict'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { labelOf } from '../cluster/api-proxy/api-call.ts'
import { ApiProxy } from '../cluster/api-proxy/api-proxy.ts'

const watchLines = ['a', 'b', 'c'].map(
  (name) => `${JSON.stringify({ type: 'ADDED', object: { kind: 'Pod', metadata: { name } } })}\n`,
)

describe('a proxy before an API server', () => {
  const heard: string[] = []
  let server: Server
  let proxy: ApiProxy
  let url: string

  before(async () => {
    server = createServer((asked, answer) => {
      heard.push(`${asked.method} ${asked.url}`)
      if (asked.url?.includes('watch=true') !== true) return void answer.end('{"kind":"Answer"}')
      // In pieces that do not end where lines end, as a network gives them.
      const text = watchLines.join('')
      answer.write(text.slice(0, 10))
      setImmediate(() => answer.end(text.slice(10)))
    })
    server.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    proxy = new ApiProxy({ url: `http://127.0.0.1:${port}`, certificateAuthority: '' })
    url = await proxy.listen()
  })
  after(async () => {
    await proxy.close()
    server.close()
  })
  beforeEach(() => {
    heard.length = 0
    proxy.forget()
    proxy.interference = {}
  })

  test('passes requests on and counts them', async () => {
    assert.deepEqual(await ask(url, 'PUT', '/api/v1/namespaces/a'), [200, '{"kind":"Answer"}'])
    assert.deepEqual(proxy.calls.map(labelOf), ['update namespaces a'])
    assert.deepEqual(heard, ['PUT /api/v1/namespaces/a'])
  })

  test('answers in place of the server, which then hears nothing', async () => {
    proxy.interference = { onCall: () => ({ kind: 'answer', status: 409 }) }
    const [status, body] = await ask(url, 'PUT', '/api/v1/namespaces/a')
    assert.equal(status, 409)
    assert.match(body, /"reason":"Conflict"/)
    assert.deepEqual(heard, [])
  })

  test('holds a request until it is let go', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    proxy.interference = {
      onCall: () => {
        held.resolve()
        return { kind: 'hold', until: promise }
      },
    }
    const answered = ask(url, 'PUT', '/api/v1/namespaces/a')
    await held.promise
    assert.deepEqual(heard, [])
    resolve()
    assert.equal((await answered)[0], 200)
    assert.deepEqual(heard, ['PUT /api/v1/namespaces/a'])
  })

  test('cuts before a request takes effect, or after', async () => {
    proxy.interference = { onCall: () => ({ kind: 'cutBefore' }) }
    await assert.rejects(ask(url, 'DELETE', '/api/v1/namespaces/a'))
    assert.deepEqual(heard, [])
    proxy.interference = { onCall: () => ({ kind: 'cutAfter' }) }
    await assert.rejects(ask(url, 'DELETE', '/api/v1/namespaces/a'))
    assert.deepEqual(heard, ['DELETE /api/v1/namespaces/a'])
  })

  test('drops one event of a watch and passes the others whole', async () => {
    proxy.interference = { onWatchEvent: (_, { name }) => (name === 'b' ? 'drop' : 'pass') }
    const [, body] = await ask(url, 'GET', '/api/v1/pods?watch=true')
    assert.equal(body, `${watchLines[0]}${watchLines[2]}`)
  })
})

function ask(url: string, method: string, path: string): Promise<readonly [number, string]> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => (text += part))
      answer.on('end', () => resolve([answer.statusCode ?? 0, text]))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end()
  })
}
