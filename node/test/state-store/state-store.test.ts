import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { StateStoreError, type StateEntry } from '../../src/core/ledger/checkpoint.ts'
import { bytesOfHex, hexOf } from '../../src/core/primitives/bytes.ts'
import { domainHash } from '../../src/core/primitives/hash.ts'
import { StateFolderError } from '../../src/host/state-store/state-folder-error.ts'
import { StateStore, type StoredState } from '../../src/host/state-store/state-store.ts'

const networkId = domainHash('shardnet/test/v1')
const SAVER = new URL('./saver.ts', import.meta.url).pathname

async function withFolder(use: (directory: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shardnet-state-'))
  try {
    await use(join(folder, 'state'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

function open(directory: string): Promise<StateStore> {
  return StateStore.open({ directory, networkId, shard: 1 })
}

function asMap(stored: StoredState | null): Map<string, string> {
  return new Map(stored?.entries.map(({ key, value }) => [hexOf(key), hexOf(value)]))
}

const bytes = (...values: number[]) => Uint8Array.from(values)

/** LevelDB keeps it as it is; a compressed block would notice a flipped byte by itself. */
const INCOMPRESSIBLE = bytesOfHex(
  Array.from({ length: 125 }, (_, index) => domainHash('shardnet/test/v1', bytes(index))).join(''),
)

test('a fresh folder holds nothing; what was saved is there after a restart', async () => {
  await withFolder(async (directory) => {
    const fresh = await open(directory)
    assert.equal(await fresh.load(), null)
    assert.equal(fresh.height, null)
    await fresh.save({
      height: 4,
      puts: [
        { key: bytes(), value: bytes(9) },
        { key: bytes(0xff, 0xff), value: bytes() },
      ],
      deletes: [],
    })
    await fresh.save({
      height: 7,
      puts: [{ key: bytes(1), value: bytes(2) }],
      deletes: [bytes(), bytes(5)],
    })
    await fresh.close()
    const again = await open(directory)
    assert.equal(again.height, 7)
    const stored = await again.load()
    assert.equal(stored?.height, 7)
    assert.deepEqual(
      asMap(stored),
      new Map([
        ['01', '02'],
        ['ffff', ''],
      ]),
    )
    await again.close()
  })
})

test('any sequence of changes is what a map makes of it', async () => {
  const key = fc.uint8Array({ maxLength: 3 })
  const changes = fc.record({
    puts: fc.array(fc.record({ key, value: fc.uint8Array({ maxLength: 9 }) })),
    deletes: fc.array(key),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 6 }), async (saves) => {
      await withFolder(async (directory) => {
        const store = await open(directory)
        const expected = new Map<string, string>()
        for (const [index, { puts, deletes }] of saves.entries()) {
          const deleted = new Set(deletes.map(hexOf))
          const kept: StateEntry[] = puts.filter((entry) => !deleted.has(hexOf(entry.key)))
          await store.save({ height: index + 1, puts: kept, deletes })
          for (const entry of kept) expected.set(hexOf(entry.key), hexOf(entry.value))
          for (const name of deleted) expected.delete(name)
        }
        const stored = await store.load()
        assert.equal(stored?.height, saves.length)
        assert.deepEqual(Object.fromEntries(asMap(stored)), Object.fromEntries(expected))
        await store.close()
      })
    }),
    { numRuns: 15 },
  )
})

test('kill -9 in the middle of saves leaves one height with exactly its changes', async () => {
  await withFolder(async (directory) => {
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, [SAVER, directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exited = once(child, 'exit')
      let saved = 0
      for await (const chunk of child.stdout) {
        saved += String(chunk).split('\n').length - 1
        if (saved > 40) child.kill('SIGKILL')
      }
      await exited
      const store = await open(directory)
      const stored = await store.load()
      assert.ok(stored !== null && stored.height >= saved)
      // The saver writes its height into every one of 50 entries.
      assert.equal(stored.entries.length, 50)
      for (const { value } of stored.entries)
        assert.equal(new DataView(value.buffer, value.byteOffset).getUint32(0), stored.height)
      await store.close()
    }
  })
})

test('the folder of another network or shard, or with anything flipped in it, is not taken for ours', async () => {
  await withFolder(async (directory) => {
    const store = await open(directory)
    await store.save({
      height: 1,
      puts: [{ key: bytes(1), value: INCOMPRESSIBLE }],
      deletes: [],
    })
    await store.close()
    const otherNetwork = StateStore.open({
      directory,
      networkId: domainHash('shardnet/test/v2'),
      shard: 1,
    })
    await assert.rejects(
      otherNetwork,
      (error) => error instanceof StateStoreError && /another network or shard/.test(error.message),
    )
    await assert.rejects(StateStore.open({ directory, networkId, shard: 2 }), StateStoreError)
    const again = await open(directory)
    await again.close()

    let flips = 0
    for (const name of await readdir(directory)) {
      const good = await readFile(join(directory, name))
      if (!/\.(ldb|log)$|^MANIFEST|^CURRENT/.test(name) || good.length === 0) continue
      for (const at of [0, good.length >> 2, good.length >> 1, good.length - 1]) {
        const copy = `${directory}-${flips++}`
        await cp(directory, copy, { recursive: true })
        good.writeUInt8(good.readUInt8(at) ^ 0x10, at)
        await writeFile(join(copy, name), good)
        good.writeUInt8(good.readUInt8(at) ^ 0x10, at)
        assert.notEqual(await readHonestly(copy), 'wrong content', `${name} at ${at}`)
      }
    }
    assert.ok(flips >= 8)
    await writeFile(join(directory, 'CURRENT'), 'MANIFEST-000999\n')
    await assert.rejects(open(directory), StateStoreError)
    await StateStore.discard(directory)
    const rebuilt = await open(directory)
    assert.equal(await rebuilt.load(), null)
    await rebuilt.close()
  })
})

/** Either the right content, nothing, or an error: never something else. */
async function readHonestly(directory: string): Promise<string> {
  try {
    const store = await open(directory)
    try {
      const stored = await store.load()
      if (stored === null) return 'nothing'
      const [entry] = stored.entries
      const isRight =
        stored.height === 1 &&
        stored.entries.length === 1 &&
        entry?.value.every((byte) => byte === 7)
      return isRight === true && entry?.value.length === 4_000 ? 'right' : 'wrong content'
    } finally {
      await store.close()
    }
  } catch (error) {
    assert.ok(error instanceof StateStoreError || error instanceof StateFolderError, String(error))
    return error.name
  }
}

test('a folder that another process has open, or that cannot be made, is told in one sentence', async () => {
  await withFolder(async (directory) => {
    const store = await open(directory)
    await assert.rejects(
      open(directory),
      (error) => error instanceof StateFolderError && error.code === 'locked',
    )
    await store.close()
    const file = join(directory, '..', 'file')
    await writeFile(file, '')
    await assert.rejects(
      open(join(file, 'state')),
      (error) => error instanceof StateFolderError && error.code === 'inputOutput',
    )
  })
})

test('heights ascend and saves do not overlap', async () => {
  await withFolder(async (directory) => {
    const store = await open(directory)
    const first = store.save({ height: 2, puts: [], deletes: [] })
    await assert.rejects(store.save({ height: 3, puts: [], deletes: [] }), /one save at a time/)
    await first
    await assert.rejects(store.save({ height: 2, puts: [], deletes: [] }), /ascend/)
    await store.close()
  })
})
