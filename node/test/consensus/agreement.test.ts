import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cluster } from './cluster.ts'

const EXHAUSTIVE = process.env['SHARDNET_EXHAUSTIVE'] === '1'

/** Batches that were made and that no final block of their author's chain has named. */
function unorderedBatches(cluster: Cluster): number {
  return cluster.machines.reduce((sum, { replica }, author) => {
    const { tip, blocks, batches } = replica
    const ordered = blocks.get(tip.hash)?.ordering?.lastSequence[author] ?? 0
    return sum + batches.ownNext - 1 - ordered
  }, 0)
}

test('a committee of four commits every batch, and an idle one makes an empty block a second', () => {
  const cluster = new Cluster(4, 7)
  for (let i = 0; i < 40; i++) {
    cluster.pack(i % 4, `transaction ${i}`)
    cluster.run(20)
  }
  cluster.run(1000)
  assert.equal(unorderedBatches(cluster), 0)
  const before = cluster.checkAgreement()
  cluster.run(10_000)
  const made = cluster.checkAgreement() - before
  assert(made >= 9 && made <= 11, `${made} empty blocks in ten seconds`)
})

for (const size of [4, 5, 6, 7, 10]) {
  const faulty = Math.floor((size - 1) / 3)
  test(`a committee of ${size} commits with ${faulty} dead, and stops with ${faulty + 1} dead`, () => {
    const cluster = new Cluster(size, 11)
    for (let index = 0; index < faulty; index++) cluster.kill(index)
    cluster.run(30_000)
    const height = cluster.checkAgreement()
    assert(height >= 5, `height ${height}`)
    cluster.kill(faulty)
    cluster.run(2_000)
    const stopped = cluster.checkAgreement()
    cluster.run(60_000)
    assert.equal(cluster.checkAgreement(), stopped)
    for (let index = 0; index <= faulty; index++) cluster.boot(index)
    cluster.run(90_000)
    assert(cluster.checkAgreement() > stopped + 3, 'goes on once they are back')
  })
}

test('kill -9 of all loses no committed block, repeats no vote with another value, and the chain goes on', () => {
  const cluster = new Cluster(4, 3)
  cluster.faults = { dropRate: 0, duplicateRate: 0, delayMaxMs: 20, persistMaxMs: 15 }
  for (let round = 0; round < 12; round++) {
    for (let i = 0; i < 12; i++) {
      cluster.pack(i % 4, `round ${round} transaction ${i}`)
      cluster.run(cluster.random() * 40)
    }
    const committed = cluster.machines.map(({ committed: chain }) => [...chain])
    for (const index of cluster.machines.keys()) cluster.kill(index)
    for (const index of cluster.machines.keys()) cluster.boot(index)
    cluster.run(8_000)
    for (const [index, chain] of committed.entries()) {
      assert.deepEqual(
        cluster.machine(index).committed.slice(0, chain.length),
        chain,
        `validator ${index}, round ${round}`,
      )
    }
    assert(
      cluster.checkAgreement() > Math.max(...committed.map((chain) => chain.length)),
      `round ${round} goes on`,
    )
    cluster.checkOwnVotes()
  }
  cluster.run(5_000)
  assert.equal(
    unorderedBatches(cluster),
    0,
    'batches that were logged before a kill are named after it',
  )
})

test('a validator that was away catches up by ranges of blocks', () => {
  const cluster = new Cluster(4, 5)
  cluster.run(2_000)
  cluster.kill(3)
  for (let i = 0; i < 400; i++) {
    cluster.pack(i % 3, `transaction ${i}`)
    cluster.run(100)
  }
  const height = cluster.checkAgreement()
  assert(height > 50, `height ${height}`)
  cluster.boot(3)
  cluster.run(5_000)
  assert(
    cluster.machine(3).committed.length >= height,
    `${cluster.machine(3).committed.length} of ${height}`,
  )
  cluster.checkAgreement()
})

test('a large committee votes to two collectors and falls back to everybody when one is dead', () => {
  const cluster = new Cluster(20, 2)
  cluster.run(6_000)
  assert(cluster.checkAgreement() >= 4)
  cluster.kill(1)
  cluster.kill(2)
  cluster.run(60_000)
  assert(cluster.checkAgreement() >= 15, `height ${cluster.checkAgreement()}`)
})

test('a folder without its birth record follows and never signs', () => {
  const cluster = new Cluster(4, 9)
  cluster.kill(2)
  cluster.machine(2).disk.length = 0
  cluster.boot(2)
  for (let i = 0; i < 30; i++) {
    cluster.pack(i % 2, `transaction ${i}`)
    cluster.run(200)
  }
  const height = cluster.checkAgreement()
  assert(height >= 3)
  assert(cluster.machine(2).disk.length > 0, 'it keeps the chain')
  assert.equal(cluster.ownVotesOf(2).length, 0)
})

test('any schedule of losses, partitions and crashes: one chain, and progress once the network heals', () => {
  const seeds = EXHAUSTIVE ? 1_000 : 24
  for (let seed = 1; seed <= seeds; seed++) {
    const size = seed % 6 === 0 ? 7 : 4
    const cluster = new Cluster(size, seed)
    const rates = [cluster.random(), cluster.random(), cluster.random(), cluster.random()] as const
    cluster.faults = {
      dropRate: rates[0] * 0.3,
      duplicateRate: rates[1] * 0.2,
      delayMaxMs: 5 + rates[2] * 300,
      persistMaxMs: 2 + rates[3] * 50,
    }
    for (let i = 0; i < 40; i++) disturb(cluster, size, `seed ${seed} step ${i}`)
    const before = Math.max(...cluster.machines.map(({ committed }) => committed.length))
    cluster.faults = { dropRate: 0, duplicateRate: 0, delayMaxMs: 5, persistMaxMs: 3 }
    cluster.connected = () => true
    for (const [index, machine] of cluster.machines.entries())
      if (!machine.alive) cluster.boot(index)
    cluster.run(60_000)
    assert(cluster.checkAgreement() >= before + 3, `seed ${seed} goes on`)
    assert.equal(unorderedBatches(cluster), 0, `seed ${seed} orders every batch`)
    cluster.checkOwnVotes()
  }
})

function disturb(cluster: Cluster, size: number, label: string): void {
  const pick = () => Math.floor(cluster.random() * size)
  if (cluster.random() < 0.15) cluster.kill(pick())
  if (cluster.random() < 0.03) for (let index = 0; index < size; index++) cluster.kill(index)
  for (const [index, machine] of cluster.machines.entries())
    if (!machine.alive && cluster.random() < 0.2) cluster.boot(index)
  if (cluster.random() < 0.1) {
    const cut = cluster.random() < 0.5 ? -1 : pick()
    cluster.connected = (from, to) => from !== cut && to !== cut
  }
  for (let i = 0; i < 3; i++) cluster.pack(pick(), `${label} ${i}`)
  cluster.run(cluster.random() * 1000)
  cluster.checkAgreement()
}
