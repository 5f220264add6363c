import { digest2Bytes32, hashInto } from '@chainsafe/as-sha256'
import { bytesOfHash, HASH_BYTES, hashOfBytes, type Hash } from '../primitives/hash.ts'
import { ACCUMULATOR_DEPTH, zeroNodeOf } from './accumulator.ts'

/** A claim about an accumulator: these packed leaves are number first, first + 1, … of the `size` that it holds. */
export interface RangeClaim {
  readonly size: number
  readonly first: number
  readonly leaves: Uint8Array
  readonly proof: readonly Hash[]
}

/** The root that follows from the claim, or null when the proof has another length than the range needs. */
export function rootOfRange(claim: RangeClaim): Hash | null {
  const { size, first, proof } = claim
  const count = claim.leaves.length / HASH_BYTES
  if (count < 1 || first < 0 || first + count > size || size >= 2 ** ACCUMULATOR_DEPTH) return null
  let nodes = claim.leaves
  let from = first
  let to = first + count
  let used = 0
  for (let height = 0; height < ACCUMULATOR_DEPTH; height++) {
    const left = from % 2 === 1 ? proof[used++] : null
    const right = to % 2 === 0 ? null : to * 2 ** height < size ? proof[used++] : zeroNodeOf(height)
    if (left === undefined || right === undefined) return null
    nodes = parentsOf(widened(nodes, left === null ? null : bytesOfHash(left), asBytes(right)))
    from = Math.floor(from / 2)
    to = Math.ceil(to / 2)
  }
  return used === proof.length ? hashOfBytes(nodes) : null
}

function asBytes(node: Hash | Uint8Array | null): Uint8Array | null {
  return typeof node === 'string' ? bytesOfHash(node) : node
}

function widened(nodes: Uint8Array, left: Uint8Array | null, right: Uint8Array | null): Uint8Array {
  if (left === null && right === null) return nodes
  const shift = left === null ? 0 : HASH_BYTES
  const wide = new Uint8Array(shift + nodes.length + (right === null ? 0 : HASH_BYTES))
  if (left !== null) wide.set(left)
  wide.set(nodes, shift)
  if (right !== null) wide.set(right, shift + nodes.length)
  return wide
}

function parentsOf(nodes: Uint8Array): Uint8Array {
  if (nodes.length === 2 * HASH_BYTES)
    return digest2Bytes32(nodes.subarray(0, HASH_BYTES), nodes.subarray(HASH_BYTES))
  const parents = new Uint8Array(nodes.length / 2)
  hashInto(nodes, parents)
  return parents
}
