import { digest2Bytes32 } from '@chainsafe/as-sha256'
import type { ByteReader } from '../primitives/byte-reader.ts'
import { FormatError } from '../primitives/byte-reader.ts'
import type { ByteWriter } from '../primitives/byte-writer.ts'
import { bytesOfHash, hashOfBytes, HASH_BYTES, ZERO_HASH, type Hash } from '../primitives/hash.ts'
import { ADDRESS_BYTES } from '../wire/transaction.ts'
import { accountLeafOf, writeBitmap, type Account } from './account-leaf.ts'
import { bitOf, headOfWalk, isPresent, isWalk, stateRootOf, type KeyBranch } from './key-walk.ts'
import { SLOT_DEPTH } from './state-tree.ts'

const BRANCHES_MAX = 240

/**
 * Proof of what the state says about one address. Following the address's own bits from its slot downwards ends at exactly
 * one account, `found`: the address itself (presence), another one (absence), or none because the slot is empty (absence).
 */
export interface AccountProof {
  readonly address: Uint8Array
  readonly found: { readonly address: Uint8Array; readonly account: Account } | null
  /** From the slot's head downwards; bits ascend. */
  readonly branches: readonly KeyBranch[]
  /** 16 siblings from the slot up to the root over all accounts. */
  readonly slotPath: readonly Hash[]
  /** Root over the shard's cells, the other half of the state root. */
  readonly cellsRoot: Hash
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
  const slotNode = slotNodeOf(proof)
  if (slotNode === null) return { kind: 'invalid' }
  const accountsRoot = foldSlotPath(slotNode, address, proof.slotPath)
  if (stateRootOf(accountsRoot, proof.cellsRoot) !== root) return { kind: 'invalid' }
  if (found === null || !isPresent({ asked: address, found: found.address, branches: [] }))
    return { kind: 'absent' }
  return { kind: 'present', account: found.account }
}

/** What stands at the slot, when the walk is by the asked address's bits and the account at its end lies on it; else null. */
function slotNodeOf({ address, found, branches }: AccountProof): Uint8Array | null {
  if (found === null) return branches.length === 0 ? new Uint8Array(HASH_BYTES) : null
  const walk = { asked: address, found: found.address, branches }
  if (!isWalk(walk, SLOT_DEPTH) || bitsOf(found.address, 16) !== bitsOf(address, 16)) return null
  if (!isAccount(found.account)) return null
  return headOfWalk(accountLeafOf(found.address, found.account), walk)
}

function isAccount({ balance, nonceBase, nonceBitmap }: Account): boolean {
  if (balance < 0n || balance > BigInt(Number.MAX_SAFE_INTEGER)) return false
  return (
    Number.isSafeInteger(nonceBase) &&
    nonceBase >= 0 &&
    nonceBitmap >= 0n &&
    nonceBitmap >> 64n === 0n
  )
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
  writer.hash(proof.cellsRoot)
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
  return { address, found, branches, slotPath, cellsRoot: reader.hash() }
}

/** 64 bits, big-endian. */
function readBitmap(reader: ByteReader): bigint {
  return (BigInt(reader.u32()) << 32n) | BigInt(reader.u32())
}
