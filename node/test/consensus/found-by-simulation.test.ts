import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockHashOf } from '../../src/core/wire/block.ts'
import type { Effect } from '../../src/core/consensus/effect.ts'
import { Cluster } from './cluster.ts'
import { Forge } from './forge.ts'
import { CLOCK, voter, votesIn } from './voter.ts'

function haltIn(effects: readonly Effect[]): string | null {
  const halt = effects.find((effect) => effect.kind === 'halt')
  return halt?.kind === 'halt' ? halt.reason : null
}

test('a view that was skipped although its block was prepared may become final through a later block, and stops nobody', () => {
  const cluster = new Cluster(4, 31)
  const forge = new Forge(cluster)
  const { replica, feed } = voter(cluster, 0)
  const first = forge.proposal(1)
  const firstHash = blockHashOf(first.header)
  const prepared = forge.certificate([1, 2, 3], 'prepare', 1, firstHash)
  const second = forge.proposal(
    2,
    { height: 2, parentHash: firstHash, parentView: 1 },
    { parentCertificate: prepared },
  )
  const secondHash = blockHashOf(second.header)
  feed({ kind: 'proposal', proposal: first }, 1)
  feed({ kind: 'proposal', proposal: second }, 2)
  const committed = forge.certificate([1, 2, 3], 'commit', 2, secondHash)
  feed({ kind: 'certificate', certificate: committed }, 2)
  assert.equal(replica.tip.height, 2)
  const skipped = forge.certificate([0, 2, 3], 'skip', 1)
  assert.equal(haltIn(feed({ kind: 'certificate', certificate: skipped }, 3)), null)
  const contradiction = forge.certificate([0, 2, 3], 'skip', 2)
  assert.match(
    haltIn(feed({ kind: 'certificate', certificate: contradiction }, 3)) ?? '',
    /view 2 is both committed and skipped/,
  )
})

test('a request for the block of height 0, which nobody has, is refused and ends nobody', () => {
  const cluster = new Cluster(4, 32)
  const { feed } = voter(cluster, 0)
  const effects = feed({ kind: 'fetchBlocks', fromHeight: 0 }, 1)
  assert.equal(
    effects.some(({ kind }) => kind === 'serve'),
    false,
  )
  const notes = effects.flatMap((effect) => (effect.kind === 'note' ? [effect.note] : []))
  assert.ok(notes.some((note) => note.kind === 'refused' && note.code === 'badHeight'))
})

test('a final block of the future, which wrong clocks made together, stops nobody: the least time above it is good', () => {
  const cluster = new Cluster(4, 33)
  const forge = new Forge(cluster)
  const { feed } = voter(cluster, 0)
  const futureMs = CLOCK.wallMs + 3_600_000
  const first = forge.proposal(1, { timeMs: futureMs })
  const firstHash = blockHashOf(first.header)
  const committed = forge.certificate([1, 2, 3], 'commit', 1, firstHash)
  const above = (timeMs: number) =>
    forge.proposal(
      2,
      { height: 2, parentHash: firstHash, parentView: 1, timeMs },
      { parentCertificate: committed },
    )
  assert.deepEqual(votesIn(feed({ kind: 'proposal', proposal: first }, 1)), [])
  feed({ kind: 'certificate', certificate: committed }, 1)
  assert.deepEqual(votesIn(feed({ kind: 'proposal', proposal: above(futureMs + 1) }, 2)), [
    'prepare 2',
  ])
  const other = voter(cluster, 3)
  other.feed({ kind: 'proposal', proposal: first }, 1)
  other.feed({ kind: 'certificate', certificate: committed }, 1)
  assert.deepEqual(votesIn(other.feed({ kind: 'proposal', proposal: above(futureMs + 2) }, 2)), [])
})
