import { digest2Bytes32 } from '@chainsafe/as-sha256'
import type { ByteReader } from '../primitives/byte-reader.ts'
import { FormatError } from '../primitives/byte-reader.ts'
import type { ByteWriter } from '../primitives/byte-writer.ts'
import { equalBytes } from '../primitives/bytes.ts'
import { bytesOfHash, hashOfBytes, HASH_BYTES, ZERO_HASH, type Hash } from '../primitives/hash.ts'
import { ADDRESS_BYTES } from '../wire/transaction.ts'
import { accountLeafOf, writeBitmap, type Account } from './account-leaf.ts'
import { branchHashOf, CHILD_BYTES } from './slot-trie.ts'
import { SLOT_DEPTH } from './state-tree.ts'

const BRANCHES_MAX = 240
const CHILD_PADDING = '00'.repeat(HASH_BYTES - CHILD_BYTES)

/**
 * Proof of what the state says about one address. Following the address's own bits from its slot downwards ends at exactly
 * one account, `found`: the address itself (presence), another one (absence), or none because the slot is empty (absence).
 */
export interface AccountProof {
  readonly address: Uint8Array
  readonly found: { readonly address: Uint8Array; readonly account: Account } | null
  /** From the slot's head downwards; bits ascend. A sibling is the first 28 bytes of its hash and 4 zero bytes. */
  readonly branches: readonly { readonly bit: number; readonly sibling: Hash }[]
  /** 16 siblings from the slot up to the root. */
  readonly slotPath: readonly Hash[]
}

/** What a checked proof says. */
export type AccountVerdict =
  | { readonly kind: 'present'; readonly account: Account }
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid' }

/** Checks a proof against a state root; the caller takes the root from a certified header and asks about `proof.address`. */
export function verifyAccountProof(proof: AccountProof, root: Hash): AccountVerdict {
  const { address, found } = proof
  if (address.length !== ADDRESS_BYTES || proof.slotPath.length !== SLOT_DEPTH)
    return { kind: 'invalid' }
  if (!isWalkOf(proof)) return { kind: 'invalid' }
  const slotNode = slotNodeOf(proof)
  if (foldSlotPath(slotNode, address, proof.slotPath) !== root) return { kind: 'invalid' }
  if (found === null || !equalBytes(found.address, address)) return { kind: 'absent' }
  return { kind: 'present', account: found.account }
}

/** The walk is by the asked address's bits, and the account at its end lies on it. */
function isWalkOf(proof: AccountProof): boolean {
  const { address, found, branches } = proof
  if (found === null) return branches.length === 0
  if (found.address.length !== ADDRESS_BYTES || bitsOf(found.address, 16) !== bitsOf(address, 16))
    return false
  const { balance, nonceBase, nonceBitmap } = found.account
  if (balance < 0n || balance > BigInt(Number.MAX_SAFE_INTEGER)) return false
  if (
    !Number.isSafeInteger(nonceBase) ||
    nonceBase < 0 ||
    nonceBitmap < 0n ||
    nonceBitmap >> 64n !== 0n
  )
    return false
  let above = SLOT_DEPTH - 1
  for (const { bit, sibling } of branches) {
    if (!sibling.endsWith(CHILD_PADDING)) return false
    if (!Number.isInteger(bit) || bit <= above || bit > 255) return false
    if (bitOf(address, bit) !== bitOf(found.address, bit)) return false
    above = bit
  }
  return true
}

function slotNodeOf(proof: AccountProof): Uint8Array {
  const { found, branches } = proof
  if (found === null) return new Uint8Array(HASH_BYTES)
  let node = accountLeafOf(found.address, found.account)
  for (const { bit, sibling } of branches.toReversed()) {
    const other = bytesOfHash(sibling)
    node =
      bitOf(found.address, bit) === 1
        ? branchHashOf(other, node, bit)
        : branchHashOf(node, other, bit)
  }
  return node
}

function foldSlotPath(slotNode: Uint8Array, address: Uint8Array, path: readonly Hash[]): Hash {
  let node = slotNode
  let isEmpty = hashOfBytes(node) === ZERO_HASH
  for (const [i, sibling] of path.entries()) {
    // A subtree without accounts is zero at every depth.
    if (isEmpty && sibling === ZERO_HASH) continue
    isEmpty = false
    const other = bytesOfHash(sibling)
    node =
      bitOf(address, SLOT_DEPTH - 1 - i) === 1
        ? digest2Bytes32(other, node)
        : digest2Bytes32(node, other)
  }
  return hashOfBytes(node)
}

/** Bit counted from the most significant of the first byte. */
export function bitOf(bytes: Uint8Array, bit: number): number {
  return ((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1
}

function bitsOf(bytes: Uint8Array, count: 16): number {
  return ((bytes[0] ?? 0) << (count - 8)) | (bytes[1] ?? 0)
}

/** Canonical bytes of a proof, for clients. */
export function writeAccountProof(writer: ByteWriter, proof: AccountProof): void {
  writer.raw(proof.address)
  writer.optional(proof.found, (to, { address, account }) => {
    to.raw(address).u64(Number(account.balance)).u64(account.nonceBase)
    writeBitmap(to, account.nonceBitmap)
  })
  writer.list(proof.branches, (to, branch) => to.u8(branch.bit).hash(branch.sibling))
  for (const hash of proof.slotPath) writer.hash(hash)
}

/** Reads a proof; use with `decodeWith`. */
export function readAccountProof(reader: ByteReader): AccountProof {
  const address = reader.raw(ADDRESS_BYTES).slice()
  const found = reader.optional((from) => ({
    address: from.raw(ADDRESS_BYTES).slice(),
    account: { balance: BigInt(from.u64()), nonceBase: from.u64(), nonceBitmap: readBitmap(from) },
  }))
  const branches = reader.list(BRANCHES_MAX, (from) => ({ bit: from.u8(), sibling: from.hash() }))
  if (found === null && branches.length > 0) throw new FormatError('an empty slot has no branches')
  const slotPath: Hash[] = []
  for (let i = 0; i < SLOT_DEPTH; i++) slotPath.push(reader.hash())
  return { address, found, branches, slotPath }
}

/** 64 bits, big-endian. */
function readBitmap(reader: ByteReader): bigint {
  return (BigInt(reader.u32()) << 32n) | BigInt(reader.u32())
}
