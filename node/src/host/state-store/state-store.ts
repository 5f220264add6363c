import { mkdir, rm } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { mustHold } from '../../core/errors.ts'
import { decodeWith, type ByteReader } from '../../core/primitives/byte-reader.ts'
import { ByteWriter } from '../../core/primitives/byte-writer.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import {
  StateStoreError,
  type StateChanges,
  type StateEntry,
} from '../../core/ledger/checkpoint.ts'
import { openEntry, sealEntry } from './sealed-entry.ts'
import { worldError } from './state-folder-error.ts'

/** Whose state it is. */
export interface StateStoreOptions {
  /** The store's own folder; made when it is missing. */
  readonly directory: string
  readonly networkId: Hash
  readonly shard: number
}

/** The state as of an executed height. */
export interface StoredState {
  readonly height: number
  readonly entries: readonly StateEntry[]
}

type Level = ClassicLevel<Uint8Array, Uint8Array>

const STORE_FORMAT_VERSION = 1
/** Not a first byte of the ledger's keys, which are all behind ENTRY. */
const META_KEY = Uint8Array.of(0)
const ENTRY = 1
const READ_AT_ONCE = 1_024

/**
 * The executed state in LevelDB: a cache of the log, so that a restart need not execute everything again. Height and changes
 * go in one atomic batch that is not synced: after a power cut it is at some earlier height, whole.
 */
export class StateStore {
  readonly #level: Level
  readonly #options: StateStoreOptions
  #height: number | null
  #isSaving = false

  private constructor(level: Level, options: StateStoreOptions, height: number | null) {
    this.#level = level
    this.#options = options
    this.#height = height
  }

  /**
   * Opens the folder, or makes it.
   * @throws StateStoreError when it is damaged, of another network or shard, or newer: `discard` it, the log has all.
   * @throws StateFolderError when the file system or another process is in the way.
   */
  static async open(options: StateStoreOptions): Promise<StateStore> {
    const { directory } = options
    try {
      await mkdir(directory, { recursive: true })
      const level: Level = new ClassicLevel(directory, {
        keyEncoding: 'view',
        valueEncoding: 'view',
      })
      await level.open()
      try {
        return new StateStore(level, options, await storedHeight(level, options))
      } catch (error) {
        await level.close()
        throw error
      }
    } catch (error) {
      throw worldError(error, directory)
    }
  }

  /** Removes the folder's content; the log rebuilds it. No process may have it open. */
  static async discard(directory: string): Promise<void> {
    await rm(directory, { recursive: true, force: true })
  }

  /** Height of the state in the folder; null when there is none yet. */
  get height(): number | null {
    return this.#height
  }

  /**
   * Everything that was saved, or null in a fresh folder. The ledger checks it against the roots that it leads to.
   * @throws StateStoreError when an entry is damaged.
   */
  async load(): Promise<StoredState | null> {
    const height = this.#height
    if (height === null) return null
    try {
      return { height, entries: await this.#entries() }
    } catch (error) {
      throw worldError(error, this.#options.directory)
    }
  }

  async #entries(): Promise<StateEntry[]> {
    const entries: StateEntry[] = []
    const iterator = this.#level.iterator({
      gte: Uint8Array.of(ENTRY),
      lt: Uint8Array.of(ENTRY + 1),
    })
    try {
      for (
        let some = await iterator.nextv(READ_AT_ONCE);
        some.length > 0;
        some = await iterator.nextv(READ_AT_ONCE)
      ) {
        for (const [key, sealed] of some) {
          const value = openEntry(key, sealed)
          if (value === null)
            throw new StateStoreError(`${this.#options.directory}: an entry is damaged`)
          entries.push({ key: key.subarray(1), value })
        }
      }
    } finally {
      await iterator.close()
    }
    return entries
  }

  /** Moves the stored state to a greater height, all changes or none. One save at a time. */
  async save(changes: StateChanges): Promise<void> {
    const { height, puts, deletes } = changes
    mustHold(this.#height === null || height > this.#height, 'saved heights ascend')
    mustHold(!this.#isSaving, 'one save at a time')
    this.#isSaving = true
    const batch = this.#level.batch()
    try {
      batch.put(META_KEY, sealEntry(META_KEY, encodeMeta(this.#options, height)))
      for (const { key, value } of puts) {
        const stored = storedKey(key)
        batch.put(stored, sealEntry(stored, value))
      }
      for (const key of deletes) batch.del(storedKey(key))
      await batch.write({ sync: false })
      this.#height = height
    } catch (error) {
      throw worldError(error, this.#options.directory)
    } finally {
      this.#isSaving = false
    }
  }

  async close(): Promise<void> {
    await this.#level.close()
  }
}

function storedKey(key: Uint8Array): Uint8Array {
  const stored = new Uint8Array(key.length + 1)
  stored[0] = ENTRY
  stored.set(key, 1)
  return stored
}

function encodeMeta({ networkId, shard }: StateStoreOptions, height: number): Uint8Array {
  return new ByteWriter(64).u8(STORE_FORMAT_VERSION).hash(networkId).u16(shard).u64(height).finish()
}

async function storedHeight(
  level: Level,
  { directory, networkId, shard }: StateStoreOptions,
): Promise<number | null> {
  const sealed = await level.get(META_KEY)
  if (sealed === undefined) {
    const keys = await level.keys({ limit: 1 }).all()
    if (keys.length > 0) throw new StateStoreError(`${directory}: holds entries of no known height`)
    return null
  }
  const meta = openEntry(META_KEY, sealed)
  if (meta === null) throw new StateStoreError(`${directory}: the stored height is damaged`)
  if (meta[0] !== STORE_FORMAT_VERSION) {
    throw new StateStoreError(
      `${directory}: written in state format ${meta[0] ?? 'none'}, not ${STORE_FORMAT_VERSION}`,
    )
  }
  const read = decodeWith(meta, readMeta)
  if (read.kind === 'malformed')
    throw new StateStoreError(`${directory}: the stored height is damaged`)
  const isOurs = read.value.networkId === networkId && read.value.shard === shard
  if (!isOurs) throw new StateStoreError(`${directory}: the state is of another network or shard`)
  return read.value.height
}

function readMeta(reader: ByteReader): { networkId: Hash; shard: number; height: number } {
  reader.u8()
  return { networkId: reader.hash(), shard: reader.u16(), height: reader.u64() }
}
