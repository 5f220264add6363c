import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeDoor, startServer } from '../rpc/fixture.ts'

const PARTS = [
  ['/', 'text/html; charset=utf-8'],
  ['/live/page.css', 'text/css; charset=utf-8'],
  ['/live/page.js', 'text/javascript; charset=utf-8'],
  ['/live/words.js', 'text/javascript; charset=utf-8'],
  ['/live/icon.svg', 'image/svg+xml; charset=utf-8'],
  ['/live/data.json', 'application/json'],
] as const

describe('the live page', () => {
  test('serves its parts with a policy that lets nothing else in', async () => {
    const { address } = await startServer()
    for (const [path, type] of PARTS) {
      const response = await fetch(`http://${address}${path}`)
      assert.equal(response.status, 200, path)
      assert.equal(response.headers.get('content-type'), type)
      const policy = response.headers.get('content-security-policy') ?? ''
      assert.match(policy, /^default-src 'none'/)
      assert.doesNotMatch(policy, /unsafe|\*|http/)
      assert.ok((await response.text()).length > 0)
      const head = await fetch(`http://${address}${path}`, { method: 'HEAD' })
      assert.equal(head.status, 200)
      assert.equal(await head.text(), '')
    }
  })

  test('takes no other method, and no path into the folder', async () => {
    const { address } = await startServer()
    const refused = await fetch(`http://${address}/live/data.json`, { method: 'POST' })
    assert.equal(refused.status, 405)
    assert.equal(refused.headers.get('allow'), 'GET')
    const root = await fetch(`http://${address}/`, { method: 'PUT' })
    assert.equal(root.headers.get('allow'), 'GET, POST')
    for (const path of ['/live/live-page.ts', '/live/', '/live/..%2fmain.ts', '/page.html'])
      assert.equal((await fetch(`http://${address}${path}`)).status, 404, path)
  })

  test('has no style or script of its own in the document, and no address of another host', async () => {
    const { address } = await startServer()
    for (const [path] of PARTS) {
      const text = await (await fetch(`http://${address}${path}`)).text()
      const foreign = text
        .replaceAll('http://www.w3.org/2000/svg', '')
        .match(/https?:\/\/|\bstyle=|<style|<script>|\bon\w+="|\/\/cdn/g)
      assert.equal(foreign, null, path)
    }
  })

  test('asks the validator once, however many ask for the data at that moment', async () => {
    let reads = 0
    class CountingDoor extends FakeDoor {
      override live() {
        reads++
        return super.live()
      }
    }
    const { address } = await startServer({}, { door: new CountingDoor() })
    const ask = async (): Promise<unknown> =>
      (await fetch(`http://${address}/live/data.json`)).json()
    const startedAtMs = performance.now()
    const answers = await Promise.all(Array.from({ length: 40 }, ask))
    const periods = Math.ceil((performance.now() - startedAtMs) / 250)
    assert.ok(reads <= periods, `${reads} reads in ${periods} periods of 250 ms`)
    assert.equal((answers[0] as { readonly networkId: string }).networkId.length, 64)
  })
})
