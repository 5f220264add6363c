import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { ImageFile } from '../image/image-file.ts'
import { archiveOf, imageOf, indexOf, layerOf } from '../image/oci-image.ts'
import { parsePlatforms, type Platform, PLATFORMS } from '../image/platform.ts'
import { type ImageReference, parseReference, push } from '../image/registry.ts'
import { tarOf } from '../image/tar.ts'
import { unpacked } from './unpacked.ts'

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

  test('an index names the image of each platform once, and the archive has each of their blobs', () => {
    const index = indexOf(PLATFORMS.map(smallImage))
    const folder = unpacked(archiveOf(index, 'localhost/shardnet:1'))
    try {
      const [named, ...others] = json(folder, 'index.json').manifests ?? []
      assert.equal(others.length, 0, 'of two things with one name a container runtime keeps one')
      assert.equal(named?.annotations?.['io.containerd.image.name'], 'localhost/shardnet:1')
      assert.equal(named?.digest, index.index.digest)
      const { manifests = [] } = json(folder, blobPath(named?.digest))
      assert.deepEqual(
        manifests.map(({ platform }) => platform),
        [
          { architecture: 'amd64', os: 'linux' },
          { architecture: 'arm64', os: 'linux', variant: 'v8' },
        ],
      )
      for (const { digest, platform } of manifests) {
        const manifest = json(folder, blobPath(digest))
        const config = json(folder, blobPath(manifest.config?.digest))
        assert.equal(config.architecture, platform?.architecture)
        for (const layer of manifest.layers ?? [])
          readFileSync(join(folder, blobPath(layer.digest)))
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('the archive of one platform names its image without an index between', () => {
    const image = smallImage(platformNamed('linux/arm64'))
    const folder = unpacked(archiveOf(image, 'localhost/shardnet:1'))
    try {
      const [named, ...others] = json(folder, 'index.json').manifests ?? []
      assert.equal(others.length, 0)
      assert.equal(named?.digest, image.manifest.digest)
      assert.deepEqual(named?.platform, { architecture: 'arm64', os: 'linux', variant: 'v8' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a push', () => {
  test('goes blob by blob, and what the registry has is not sent again', async () => {
    await withRegistry(async ({ reference, asked, held }) => {
      const image = smallImage(platformNamed('linux/amd64'))
      await push(image, reference)
      assert.ok([...image.layers, image.config].every(({ digest }) => held.has(digest)))
      assert.equal(asked.at(-1), 'PUT /v2/team/shardnet/manifests/1')
      asked.length = 0
      await push(image, reference)
      assert.deepEqual(
        asked.filter((line) => line.startsWith('POST')),
        [],
      )
    })
  })

  test('of several platforms sends each manifest by its digest, and the index under the tag at last', async () => {
    await withRegistry(async ({ reference, asked, held, types }) => {
      const index = indexOf(PLATFORMS.map(smallImage))
      await push(index, reference)
      for (const { manifest, config, layers } of index.images)
        assert.ok([...layers, config, manifest].every(({ digest }) => held.has(digest)))
      assert.deepEqual(
        asked.filter((line) => line.startsWith('PUT') && line.includes('/manifests/')),
        [
          'PUT /v2/team/shardnet/manifests/DIGEST',
          'PUT /v2/team/shardnet/manifests/DIGEST',
          'PUT /v2/team/shardnet/manifests/1',
        ],
      )
      assert.equal(types.at(-1), 'application/vnd.oci.image.index.v1+json')
    })
  })
})

test('a platform that no image can be made for is refused in one sentence, all such at once', () => {
  for (const text of [
    '',
    'arm64',
    'linux/riscv64',
    'windows/amd64',
    'linux/amd64,',
    'linux/arm64/v7',
  ])
    assert.throws(() => parsePlatforms(text), /^ImageError: --platform: no image can be made for '/)
  assert.throws(() => parsePlatforms('linux/s390x,linux/amd64,plan9/mips'), {
    message:
      "--platform: no image can be made for 'linux/s390x', 'plan9/mips', only for linux/amd64 and linux/arm64",
  })
  const names = (text: string) => parsePlatforms(text).map(({ name }) => name)
  assert.deepEqual(names('linux/arm64/v8'), ['linux/arm64'])
  assert.deepEqual(names('linux/arm64, linux/amd64,linux/arm64'), ['linux/amd64', 'linux/arm64'])
})

test('a reference that is not full is refused in words', () => {
  for (const text of ['shardnet', 'shardnet:1', 'registry.example/shardnet', 'a b/c:1'])
    assert.throws(() => parseReference(text), /not a full image reference/)
})

interface SeenRegistry {
  readonly reference: ImageReference
  /** Method and path of each request. */
  readonly asked: string[]
  /** Content types of what was sent. */
  readonly types: string[]
  /** Digests that came. */
  readonly held: ReadonlySet<string>
}

async function withRegistry(body: (registry: SeenRegistry) => Promise<void>): Promise<void> {
  const held = new Set<string>()
  const asked: string[] = []
  const types: string[] = []
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request
    const digest = /sha256:[0-9a-f]{64}/.exec(decodeURIComponent(url))?.[0] ?? 'none'
    asked.push(`${method} ${url.split('?')[0]?.replace(digest, 'DIGEST')}`)
    if (method === 'PUT') types.push(request.headers['content-type'] ?? '')
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
    await body({ reference, asked, types, held })
  } finally {
    server.close()
  }
}

function platformNamed(name: string): Platform {
  const [platform] = parsePlatforms(name)
  assert.ok(platform !== undefined)
  return platform
}

function smallImage(platform: Platform) {
  const own: ImageFile = {
    kind: 'file',
    path: 'app/platform',
    mode: 0o644,
    content: { bytes: Buffer.from(platform.name) },
  }
  const layers = [layerOf([...files, own])]
  return imageOf(layers, { platform, version: '1', revision: '', command: [], words: [] })
}

/** The layout of the OCI image specification, as far as these tests read it. */
interface Layout {
  readonly architecture?: string
  readonly config?: { readonly digest: string }
  readonly layers?: readonly { readonly digest: string }[]
  readonly manifests?: readonly {
    readonly digest: string
    readonly platform?: { readonly architecture: string }
    readonly annotations?: Readonly<Record<string, string>>
  }[]
}

function json(folder: string, path: string): Layout {
  return JSON.parse(readFileSync(join(folder, path), 'utf8')) as Layout
}

function blobPath(digest = ''): string {
  return `blobs/${digest.replace(':', '/')}`
}
