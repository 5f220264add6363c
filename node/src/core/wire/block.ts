import type { ByteReader } from '../primitives/byte-reader.ts'
import { ByteWriter } from '../primitives/byte-writer.ts'
import { domainHash, type Hash } from '../primitives/hash.ts'

/** Most batches, and most imports, that one block may name. */
export const BATCHES_PER_BLOCK_MAX = 256
export const IMPORTS_PER_BLOCK_MAX = 32
/** A block this many heights above what it has executed orders nothing (back-pressure). */
export const EXECUTION_LAG_MAX = 8

/** The authenticated results of executing a shard's chain up to one height. */
export interface Roots {
  readonly state: Hash
  readonly outbox: Hash
  readonly result: Hash
}

/**
 * A block's header. It names what it orders (bodyRoot) and the newest executed ancestor with its roots;
 * `executed.height` never falls along a chain and is at or below `lastCommitted`.
 */
export interface BlockHeader {
  /** Hash of (network, shard, epoch, committee). */
  readonly context: Hash
  readonly shard: number
  readonly epoch: number
  readonly view: number
  readonly height: number
  readonly parentHash: Hash
  readonly parentView: number
  readonly proposer: number
  /** Milliseconds since 1970; greater than the parent's. */
  readonly timeMs: number
  readonly executed: { readonly height: number; readonly roots: Roots }
  /** The committed ancestor whose commit certificate travels with the proposal; view 0 is the genesis block. */
  readonly lastCommitted: { readonly view: number; readonly hash: Hash }
  readonly bodyRoot: Hash
}

/** A batch as a block names it. */
export interface BatchReference {
  readonly author: number
  readonly sequence: number
  readonly digest: Hash
}

/** Messages of one source shard as a block names them: exactly `inNext[source]` onwards. */
export interface ImportReference {
  readonly source: number
  readonly first: number
  readonly count: number
  readonly digest: Hash
}

/** What a block orders: imports first, by source, then batches, each author's in sequence. */
export interface BlockBody {
  readonly imports: readonly ImportReference[]
  readonly batches: readonly BatchReference[]
}

export const EMPTY_BODY: BlockBody = { imports: [], batches: [] }

export function writeBlockHeader(writer: ByteWriter, header: BlockHeader): void {
  writer
    .hash(header.context)
    .u16(header.shard)
    .u64(header.epoch)
    .u64(header.view)
    .u64(header.height)
  writer.hash(header.parentHash).u64(header.parentView).u16(header.proposer).u64(header.timeMs)
  writer.u64(header.executed.height)
  writer
    .hash(header.executed.roots.state)
    .hash(header.executed.roots.outbox)
    .hash(header.executed.roots.result)
  writer.u64(header.lastCommitted.view).hash(header.lastCommitted.hash).hash(header.bodyRoot)
}

export function readBlockHeader(reader: ByteReader): BlockHeader {
  return {
    context: reader.hash(),
    shard: reader.u16(),
    epoch: reader.u64(),
    view: reader.u64(),
    height: reader.u64(),
    parentHash: reader.hash(),
    parentView: reader.u64(),
    proposer: reader.u16(),
    timeMs: reader.u64(),
    executed: {
      height: reader.u64(),
      roots: { state: reader.hash(), outbox: reader.hash(), result: reader.hash() },
    },
    lastCommitted: { view: reader.u64(), hash: reader.hash() },
    bodyRoot: reader.hash(),
  }
}

export function writeBlockBody(writer: ByteWriter, body: BlockBody): void {
  writer.list(body.imports, (to, item) =>
    to.u16(item.source).u64(item.first).u32(item.count).hash(item.digest),
  )
  writer.list(body.batches, (to, item) => to.u16(item.author).u64(item.sequence).hash(item.digest))
}

export function readBlockBody(reader: ByteReader): BlockBody {
  return {
    imports: reader.list(IMPORTS_PER_BLOCK_MAX, (from) => ({
      source: from.u16(),
      first: from.u64(),
      count: from.u32(),
      digest: from.hash(),
    })),
    batches: reader.list(BATCHES_PER_BLOCK_MAX, (from) => ({
      author: from.u16(),
      sequence: from.u64(),
      digest: from.hash(),
    })),
  }
}

/** Canonical bytes of a header. */
export function encodeBlockHeader(header: BlockHeader): Uint8Array {
  const writer = new ByteWriter(384)
  writeBlockHeader(writer, header)
  return writer.finish()
}

/** A header does not change, and is asked for its hash wherever it goes: its log, its proposal, its votes, its peers. */
const hashOfHeader = new WeakMap<BlockHeader, Hash>()

/** The hash that votes are on. */
export function blockHashOf(header: BlockHeader): Hash {
  const known = hashOfHeader.get(header)
  if (known !== undefined) return known
  const hash = domainHash('shardnet/block/v1', encodeBlockHeader(header))
  hashOfHeader.set(header, hash)
  return hash
}

const rootOfBody = new WeakMap<BlockBody, Hash>()

/** The root of the ordered references. */
export function bodyRootOf(body: BlockBody): Hash {
  const known = rootOfBody.get(body)
  if (known !== undefined) return known
  const writer = new ByteWriter(64 + 46 * (body.imports.length + body.batches.length))
  writeBlockBody(writer, body)
  const root = domainHash('shardnet/body/v1', writer.finish())
  rootOfBody.set(body, root)
  return root
}

/** The block at height 0, which every validator knows from the genesis: certified by definition, in view 0. */
export function genesisBlockHashOf(context: Hash, roots: Roots): Hash {
  const writer = new ByteWriter(128)
  writer.hash(context).hash(roots.state).hash(roots.outbox).hash(roots.result)
  return domainHash('shardnet/genesis-block/v1', writer.finish())
}
