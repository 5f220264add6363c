import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Accumulator, zeroNodeOf } from '../../src/core/crossshard/accumulator.ts'
import { rootOfRange, type RangeClaim } from '../../src/core/crossshard/range-proof.ts'
import { Defect } from '../../src/core/errors.ts'
import { joinBytes } from '../../src/core/primitives/bytes.ts'
import { bytesOfHash, hashOfBytes, type Hash } from '../../src/core/primitives/hash.ts'
import { seeded } from '../ledger/support/world.ts'

function leaf(index: number): Uint8Array {
  return seeded(`leaf ${index}`)
}

function leavesOf(first: number, count: number): Uint8Array {
  return joinBytes(Array.from({ length: count }, (_, i) => leaf(first + i)))
}

/** The root by definition: a tree of height 32 whose leaves beyond the given ones are zero. */
function rootByDefinition(size: number, height = 32, from = 0): Buffer {
  const width = 2 ** height
  if (from >= size) return Buffer.from(zeroNodeOf(height))
  if (height === 0) return Buffer.from(leaf(from))
  const left = rootByDefinition(size, height - 1, from)
  const right = rootByDefinition(size, height - 1, from + width / 2)
  return createHash('sha256').update(left).update(right).digest()
}

test('zero nodes are hashes of zero nodes', () => {
  let node = Buffer.alloc(32)
  for (let height = 0; height <= 32; height++) {
    assert.deepEqual(Buffer.from(zeroNodeOf(height)), node)
    node = createHash('sha256').update(node).update(node).digest()
  }
})

const steps = fc.array(
  fc.record({ append: fc.nat(20), acknowledge: fc.nat(20), restart: fc.boolean() }),
  { maxLength: 12 },
)

test('after any appends and acknowledgements the roots of every size at hand and all ranges are provable, also after a restart', () => {
  fc.assert(
    fc.property(steps, fc.nat(), fc.nat(), (draws, pickFirst, pickSize) => {
      let tree = new Accumulator()
      for (const draw of draws) {
        tree.append(leavesOf(tree.size, draw.append))
        tree.acknowledge(Math.min(tree.size, tree.acknowledged + draw.acknowledge))
        if (draw.restart) {
          const restored = new Accumulator(tree.acknowledged, tree.frontier())
          restored.append(leavesOf(tree.acknowledged, tree.size - tree.acknowledged))
          tree = restored
        }
        for (let size = tree.acknowledged; size <= tree.size; size++) {
          assert.equal(tree.rootAt(size), hashOfBytes(rootByDefinition(size)))
        }
      }
      const waiting = tree.size - tree.acknowledged
      if (waiting === 0) return
      const size = tree.size - (pickSize % waiting)
      const first = tree.acknowledged + (pickFirst % (size - tree.acknowledged))
      for (let count = 1; first + count <= size; count++) {
        const proof = tree.proveRange(first, count, size)
        assert.equal(
          rootOfRange({ size, first, leaves: leavesOf(first, count), proof }),
          tree.rootAt(size),
        )
      }
    }),
    { numRuns: 60 },
  )
})

test('no byte of a range proof, no leaf, no position and no size can be changed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 70 }),
      fc.nat(),
      fc.nat(),
      (size, pickFirst, pickCount) => {
        const tree = new Accumulator()
        tree.append(leavesOf(0, size))
        const first = pickFirst % size
        const count = 1 + (pickCount % (size - first))
        const claim: RangeClaim = {
          size,
          first,
          leaves: leavesOf(first, count),
          proof: tree.proveRange(first, count, size),
        }
        const root = tree.rootAt(size)
        assert.equal(rootOfRange(claim), root)
        for (const forged of forgeriesOf(claim)) assert.notEqual(rootOfRange(forged), root)
      },
    ),
    { numRuns: 60 },
  )
})

function* forgeriesOf(claim: RangeClaim): Generator<RangeClaim> {
  const { leaves, proof, first } = claim
  for (let i = 0; i < leaves.length; i++) yield { ...claim, leaves: flipped(leaves, i) }
  for (const [at, hash] of proof.entries()) {
    for (let i = 0; i < 32; i++)
      yield { ...claim, proof: proof.with(at, hashOfBytes(flipped(bytesOfHash(hash), i))) }
    yield { ...claim, proof: proof.toSpliced(at, 1) }
    yield { ...claim, proof: proof.toSpliced(at, 0, hash) }
  }
  yield { ...claim, proof: [...proof, hashOfBytes(seeded('more'))] }
  yield { ...claim, first: first + 1 }
  yield { ...claim, first: first - 1 }
  yield { ...claim, leaves: new Uint8Array(0) }
  yield { ...claim, leaves: leaves.subarray(32), first: first + 1 }
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] ?? 0) ^ 0x10
  return copy
}

test('a tree of another size has another root, so the size in the pair leaf cannot be stretched over zero leaves', () => {
  const tree = new Accumulator()
  tree.append(leavesOf(0, 5))
  const claim = { size: 5, first: 0, leaves: leavesOf(0, 5), proof: tree.proveRange(0, 5, 5) }
  assert.equal(rootOfRange(claim), tree.rootAt(5))
  const stretched = { ...claim, leaves: joinBytes([claim.leaves, new Uint8Array(32)]), size: 6 }
  // The root is the same by the padding rule, so what keeps a zero leaf out is that no message hashes to zero.
  assert.equal(rootOfRange(stretched), tree.rootAt(5))
})

test('what is acknowledged is gone and cannot be proved', () => {
  const tree = new Accumulator()
  tree.append(leavesOf(0, 9))
  tree.acknowledge(6)
  assert.throws(() => tree.proveRange(5, 1, 9), Defect)
  assert.throws(() => tree.acknowledge(5), Defect)
  assert.throws(() => tree.acknowledge(10), Defect)
  assert.equal(tree.proveRange(6, 3, 9).length > 0, true)
})

test('a frontier that does not fit its boundary is refused', () => {
  const frontier: readonly Hash[] = [hashOfBytes(seeded('f'))]
  assert.throws(() => new Accumulator(4, [...frontier, ...frontier]), Defect)
  assert.throws(() => new Accumulator(3, frontier), Defect)
})
