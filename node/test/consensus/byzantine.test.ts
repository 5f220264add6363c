import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { Replica } from '../../src/core/consensus/replica.ts'
import { step } from '../../src/core/consensus/step.ts'
import { bytesOfHash, type Hash } from '../../src/core/primitives/hash.ts'
import { decodeWith } from '../../src/core/primitives/byte-reader.ts'
import { asciiBytes } from '../../src/core/primitives/bytes.ts'
import { batchDigestOf, type BatchHeader } from '../../src/core/wire/batch.ts'
import { blockHashOf } from '../../src/core/wire/block.ts'
import type { Certificate } from '../../src/core/wire/certificate.ts'
import { readLogRecord } from '../../src/core/wire/log-record.ts'
import type { PeerMessage } from '../../src/core/wire/peer-message.ts'
import type { Proposal } from '../../src/core/wire/proposal.ts'
import { Cluster } from './cluster.ts'
import { Forge } from './forge.ts'
import { createToyCrypto } from './toy-crypto.ts'
import { CLOCK, voter, votesIn } from './voter.ts'

function evidenceOf(cluster: Cluster, index: number): string[] {
  return cluster.machine(index).disk.flatMap((bytes) => {
    const decoded = decodeWith(bytes, readLogRecord)
    if (decoded.kind !== 'value' || decoded.value.kind !== 'evidence') return []
    return [`${decoded.value.validator}: ${decoded.value.first.kind}, ${decoded.value.second.kind}`]
  })
}

test('a proposer with two blocks for one view gets at most one certified, and is proved guilty', () => {
  const cluster = new Cluster(4, 21)
  const forge = new Forge(cluster)
  const twins = [forge.proposal(1), forge.proposal(1, { timeMs: 1_800_000_000_777 })] as const
  cluster.kill(1)
  for (const to of [0, 2, 3]) {
    const proposal = twins[to === 0 ? 0 : 1]
    cluster.feed(to, { kind: 'message', from: 1, message: { kind: 'proposal', proposal } })
  }
  for (const to of [0, 2, 3]) {
    const proposal = twins[to === 0 ? 1 : 0]
    cluster.feed(to, { kind: 'message', from: 1, message: { kind: 'proposal', proposal } })
  }
  cluster.run(20_000)
  assert(cluster.checkAgreement([1]) >= 3)
  for (const honest of [0, 2, 3])
    assert.deepEqual(evidenceOf(cluster, honest), ['1: proposal, proposal'])
})

test('two votes of one kind in one view, or COMMIT with SKIP, are evidence against their signer and nobody else', () => {
  const cluster = new Cluster(4, 22)
  const forge = new Forge(cluster)
  const other = 'ab'.repeat(32) as Hash
  cluster.kill(3)
  const votes = [
    forge.vote(3, 'prepare', 2, other),
    forge.vote(3, 'prepare', 2, 'cd'.repeat(32) as Hash),
    forge.vote(3, 'commit', 2, other),
    forge.vote(3, 'skip', 2),
  ]
  for (const message of votes) cluster.feed(0, { kind: 'message', from: 3, message })
  cluster.run(10_000)
  assert.deepEqual(evidenceOf(cluster, 0).sort(), ['3: commit, skip', '3: prepare, prepare'])
  assert(cluster.checkAgreement([3]) >= 3)
})

test('a vote that somebody else signed counts for nobody and accuses nobody', () => {
  const cluster = new Cluster(4, 23)
  const forge = new Forge(cluster)
  const message = forge.vote(2, 'skip', 1)
  cluster.feed(0, { kind: 'message', from: 1, message })
  cluster.feed(0, {
    kind: 'message',
    from: 1,
    message: forge.vote(1, 'commit', 1, 'ab'.repeat(32) as Hash),
  })
  assert.deepEqual(evidenceOf(cluster, 0), [])
  cluster.run(10_000)
  assert(cluster.checkAgreement() >= 3)
})

test('certificates below the quorum, with a signer outside the committee, or over another context prove nothing', () => {
  const cluster = new Cluster(4, 24)
  const forge = new Forge(cluster)
  const good = forge.certificate([0, 1, 2], 'skip', 1)
  const bad: Certificate[] = [
    forge.certificate([0, 1], 'skip', 1),
    { ...good, signers: Uint8Array.of(0b0001_0111) },
    { ...good, signers: Uint8Array.of(0b1111) },
    { ...good, signers: Uint8Array.of(0b0111, 0) },
    { ...good, signers: new Uint8Array(0) },
    { ...good, view: 2 },
    { ...good, kind: 'commit', value: 'ab'.repeat(32) as Hash },
    { ...good, signature: new Uint8Array(96) },
  ]
  for (const certificate of bad) {
    const replica = new Replica(cluster.optionsOf(3))
    step(replica, { kind: 'start' }, CLOCK)
    step(
      replica,
      { kind: 'message', from: 0, message: { kind: 'certificate', certificate } },
      CLOCK,
    )
    assert.equal(replica.view, 1, JSON.stringify(certificate))
  }
  const replica = new Replica(cluster.optionsOf(3))
  step(replica, { kind: 'start' }, CLOCK)
  step(
    replica,
    { kind: 'message', from: 0, message: { kind: 'certificate', certificate: good } },
    CLOCK,
  )
  assert.equal(replica.view, 2)
})

test('a prepare certificate that was hidden until a later view committed gets no COMMIT any more', () => {
  const cluster = new Cluster(4, 25)
  const forge = new Forge(cluster)
  const { replica, feed } = voter(cluster, 0)
  const hidden = forge.proposal(1)
  const hiddenHash = blockHashOf(hidden.header)
  feed({ kind: 'proposal', proposal: hidden }, 1)
  feed({ kind: 'certificate', certificate: forge.certificate([1, 2, 3], 'skip', 1) }, 1)
  const winner = forge.proposal(
    2,
    {},
    { skipCertificates: [forge.certificate([1, 2, 3], 'skip', 1)] },
  )
  const winnerHash = blockHashOf(winner.header)
  feed({ kind: 'proposal', proposal: winner }, 2)
  feed(
    { kind: 'certificate', certificate: forge.certificate([1, 2, 3], 'prepare', 2, winnerHash) },
    2,
  )
  feed(
    { kind: 'certificate', certificate: forge.certificate([1, 2, 3], 'commit', 2, winnerHash) },
    2,
  )
  assert.equal(replica.committedView, 2)
  const effects = feed(
    { kind: 'certificate', certificate: forge.certificate([1, 2, 3], 'prepare', 1, hiddenHash) },
    1,
  )
  assert.deepEqual(votesIn(effects), [])
})

test('a second certified chain stops the validator with both certificates', () => {
  const cluster = new Cluster(4, 26)
  const forge = new Forge(cluster)
  const { feed } = voter(cluster, 0)
  const [one, two] = [forge.proposal(1), forge.proposal(1, { timeMs: 1_800_000_000_777 })]
  feed({ kind: 'proposal', proposal: one }, 1)
  feed(
    {
      kind: 'certificate',
      certificate: forge.certificate([1, 2, 3], 'commit', 1, blockHashOf(one.header)),
    },
    1,
  )
  const effects = feed(
    {
      kind: 'certificate',
      certificate: forge.certificate([1, 2, 3], 'commit', 1, blockHashOf(two.header)),
    },
    1,
  )
  const halt = effects.find((effect) => effect.kind === 'halt')
  assert(halt?.kind === 'halt')
  assert.equal(halt.certificates.length, 2)
})

test('no PREPARE for a proposal that breaks one rule', () => {
  const cluster = new Cluster(4, 27)
  const forge = new Forge(cluster)
  const good = forge.proposal(1)
  assert.deepEqual(votesIn(voter(cluster, 0).feed({ kind: 'proposal', proposal: good }, 1)), [
    'prepare 1',
  ])
  const foreign = 'ab'.repeat(32) as Hash
  const bad: Record<string, Proposal> = {
    'another context': forge.proposal(1, { context: foreign }),
    'another shard': forge.proposal(1, { shard: 1 }),
    'another epoch': forge.proposal(1, { epoch: 1 }),
    'another view': forge.proposal(5),
    'a wrong proposer': forge.proposal(1, { proposer: 2 }),
    'a wrong height': forge.proposal(1, { height: 2 }),
    'an unknown parent': forge.proposal(1, { parentHash: foreign }),
    'an uncertified parent view': forge.proposal(1, { parentView: 1 }),
    'a time before its parent': forge.proposal(1, { timeMs: 0 }),
    'a time in the future': forge.proposal(1, { timeMs: CLOCK.wallMs + 61_000 }),
    'an executed height of its own making': forge.proposal(1, {
      executed: { height: 1, roots: good.header.executed.roots },
    }),
    'wrong roots': forge.proposal(1, {
      executed: { height: 0, roots: { ...good.header.executed.roots, state: foreign } },
    }),
    'a commit that nobody proved': forge.proposal(1, { lastCommitted: { view: 0, hash: foreign } }),
    'a body that is another': {
      ...good,
      body: { imports: [], batches: [{ author: 0, sequence: 1, digest: foreign }] },
    },
    'a signature by nobody': { ...good, signature: new Uint8Array(64) },
    'a batch out of sequence': forge.proposal(
      1,
      {},
      { body: { imports: [], batches: [{ author: 0, sequence: 2, digest: foreign }] } },
    ),
    'a batch that nobody has': forge.proposal(
      1,
      {},
      { body: { imports: [], batches: [{ author: 0, sequence: 1, digest: foreign }] } },
    ),
    'an import from nowhere': forge.proposal(
      1,
      {},
      { body: { imports: [{ source: 7, first: 0, count: 1, digest: foreign }], batches: [] } },
    ),
    'a skipped view without its certificate': forge.proposal(2),
  }
  for (const [what, proposal] of Object.entries(bad)) {
    const effects = voter(cluster, 0).feed({ kind: 'proposal', proposal }, 1)
    assert.deepEqual(votesIn(effects), [], what)
  }
})

test('COMMIT and SKIP in one view exclude each other, in both orders', () => {
  const cluster = new Cluster(4, 28)
  const forge = new Forge(cluster)
  const proposal = forge.proposal(1)
  const prepared = forge.certificate([1, 2, 3], 'prepare', 1, blockHashOf(proposal.header))
  const skipper = voter(cluster, 0)
  skipper.feed({ kind: 'proposal', proposal }, 1)
  const sequence = skipper.replica.timerSequences.get('view') ?? 0
  const skipped = [...step(skipper.replica, { kind: 'timer', name: 'view', sequence }, CLOCK)]
  assert(skipped.some((effect) => effect.kind === 'persist'))
  assert.deepEqual(
    votesIn(skipper.feed({ kind: 'certificate', certificate: prepared }, 1)).filter(
      (vote) => vote === 'commit 1',
    ),
    [],
  )
  const committer = voter(cluster, 0)
  committer.feed({ kind: 'proposal', proposal }, 1)
  const effects = committer.feed({ kind: 'certificate', certificate: prepared }, 1)
  assert(votesIn(effects).includes('commit 1'))
  const late = [...step(committer.replica, { kind: 'timer', name: 'view', sequence }, CLOCK)]
  assert.deepEqual(votesIn(late), [])
})

test('a vote counts and leaves only after its persist came back', () => {
  const cluster = new Cluster(4, 29)
  const forge = new Forge(cluster)
  const replica = new Replica(cluster.optionsOf(0))
  replica.canVote = true
  step(replica, { kind: 'start' }, CLOCK)
  const proposal = forge.proposal(1)
  const first = step(
    replica,
    { kind: 'message', from: 1, message: { kind: 'proposal', proposal } },
    CLOCK,
  )
  const persist = first.find((effect) => effect.kind === 'persist')
  assert(persist?.kind === 'persist')
  assert.deepEqual(
    persist.records.map(({ kind }) => kind),
    ['proposal', 'vote'],
  )
  assert.deepEqual(votesIn(first), [])
  assert.equal(replica.votes.get(1)?.get('prepare')?.has(0) ?? false, false)
  const hash = blockHashOf(proposal.header)
  for (const signer of [1, 2])
    step(
      replica,
      { kind: 'message', from: signer, message: forge.vote(signer, 'prepare', 1, hash) },
      CLOCK,
    )
  assert.equal(
    replica.prepareCertificates.size,
    0,
    'two votes of others and an unwritten one of our own are no quorum',
  )
  const after = step(replica, { kind: 'persisted', id: persist.id }, CLOCK)
  assert.deepEqual(votesIn(after), ['prepare 1'])
  assert.equal(replica.prepareCertificates.size, 1)
})

test('an author that signs two batches for one place is proved guilty and only its own sequence waits', () => {
  const cluster = new Cluster(4, 30)
  const { networkId } = cluster.optionsOf(0)
  const member = cluster.committee.members[3]
  assert(member)
  const crypto = createToyCrypto(member.blsKey, member.peerKey)
  const batch = (text: string): PeerMessage => {
    const body = asciiBytes(text.padEnd(80, '.'))
    const bodyHash = createHash('sha256').update(body).digest('hex') as Hash
    const header: BatchHeader = {
      networkId,
      shard: 0,
      epoch: 0,
      author: 3,
      sequence: 1,
      count: 1,
      length: body.length,
      bodyHash,
    }
    return {
      kind: 'batch',
      signed: { header, signature: crypto.signPeer(bytesOfHash(batchDigestOf(header))) },
      body,
    }
  }
  cluster.kill(3)
  for (const to of [0, 1, 2]) {
    cluster.feed(to, { kind: 'message', from: 3, message: batch(to === 0 ? 'one' : 'two') })
    cluster.feed(to, { kind: 'message', from: 3, message: batch(to === 0 ? 'two' : 'one') })
  }
  for (let i = 0; i < 20; i++) {
    cluster.pack(i % 3, `honest ${i}`)
    cluster.run(300)
  }
  cluster.run(10_000)
  cluster.checkAgreement([3])
  for (const honest of [0, 1, 2]) assert.deepEqual(evidenceOf(cluster, honest), ['3: batch, batch'])
  const tip = cluster.machine(0).replica
  assert.deepEqual(tip.blocks.get(tip.tip.hash)?.ordering?.lastSequence.slice(0, 3), [7, 7, 6])
})
