import { FormatError, type ByteReader } from '../primitives/byte-reader.ts'
import type { ByteWriter } from '../primitives/byte-writer.ts'
import { hashOfBytes, ZERO_HASH, type Hash } from '../primitives/hash.ts'
import { CELL_KEY_BYTES, CELL_VALUE_BYTES_MAX } from '../wire/cell-form.ts'
import { cellLeafOf } from './cell-leaf.ts'
import { headOfWalk, isPresent, isWalk, stateRootOf, type KeyBranch } from './key-walk.ts'

const BRANCHES_MAX = 256

/**
 * Proof of what the state says about one cell. Following the key's own bits ends at exactly one cell, `found`: the asked one
 * (presence), another one (absence), or none because the shard has no cells (absence).
 */
export interface CellProof {
  readonly key: Uint8Array
  readonly found: { readonly key: Uint8Array; readonly value: Uint8Array } | null
  /** From the head downwards; bits ascend. */
  readonly branches: readonly KeyBranch[]
  /** Root over the shard's accounts, the other half of the state root. */
  readonly accountsRoot: Hash
}

/** What a checked proof says. An empty value: there is no such cell. */
export type CellVerdict =
  | { readonly kind: 'proved'; readonly value: Uint8Array }
  | { readonly kind: 'invalid' }

/** Checks a proof against a state root; the caller takes the root from a certified header and asks about `proof.key`. */
export function verifyCellProof(proof: CellProof, root: Hash): CellVerdict {
  const { key, found, branches, accountsRoot } = proof
  if (key.length !== CELL_KEY_BYTES) return { kind: 'invalid' }
  if (found === null) {
    const isEmpty = branches.length === 0 && stateRootOf(accountsRoot, ZERO_HASH) === root
    return isEmpty ? { kind: 'proved', value: new Uint8Array(0) } : { kind: 'invalid' }
  }
  const walk = { asked: key, found: found.key, branches }
  if (!isWalk(walk, 0) || !isValue(found.value)) return { kind: 'invalid' }
  const head = hashOfBytes(headOfWalk(cellLeafOf(found.key, found.value), walk))
  if (stateRootOf(accountsRoot, head) !== root) return { kind: 'invalid' }
  return { kind: 'proved', value: isPresent(walk) ? found.value : new Uint8Array(0) }
}

function isValue({ length }: Uint8Array): boolean {
  return length > 0 && length <= CELL_VALUE_BYTES_MAX
}

/** Canonical bytes of a proof, for clients. */
export function writeCellProof(writer: ByteWriter, proof: CellProof): void {
  writer.raw(proof.key)
  writer.optional(proof.found, (to, { key, value }) => to.raw(key).u8(value.length).raw(value))
  writer.list(proof.branches, (to, { bit, sibling }) => to.u8(bit).hash(sibling))
  writer.hash(proof.accountsRoot)
}

/** Reads a proof; use with `decodeWith`. */
export function readCellProof(reader: ByteReader): CellProof {
  const key = reader.raw(CELL_KEY_BYTES).slice()
  const found = reader.optional((from) => ({
    key: from.raw(CELL_KEY_BYTES).slice(),
    value: from.raw(from.u8()).slice(),
  }))
  if (found !== null && !isValue(found.value)) throw new FormatError('a cell holds 1 to 128 bytes')
  const branches = reader.list(BRANCHES_MAX, (from) => ({ bit: from.u8(), sibling: from.hash() }))
  if (found === null && branches.length > 0) throw new FormatError('no cells, no branches')
  return { key, found, branches, accountsRoot: reader.hash() }
}
