import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { decodeWith } from '../../src/core/primitives/byte-reader.ts'
import { asciiBytes } from '../../src/core/primitives/bytes.ts'
import { bytesOfHash, domainHash, type Hash } from '../../src/core/primitives/hash.ts'
import { batchDigestOf } from '../../src/core/wire/batch.ts'
import { blockHashOf } from '../../src/core/wire/block.ts'
import { readLogRecord } from '../../src/core/wire/log-record.ts'
import { Cluster } from './cluster.ts'
import { createToyCrypto } from './toy-crypto.ts'
import { voter } from './voter.ts'

/** The one who lies in these tests; its own process is down, the test speaks in its place. */
const LIAR = 3
const HONEST = [0, 1, 2] as const

function lastSequences(cluster: Cluster): number[] {
  const { blocks, tip } = cluster.machine(0).replica
  return [...(blocks.get(tip.hash)?.ordering?.lastSequence ?? [])].slice(0, 3)
}

/** Sixty batches by honest authors, one every 300 ms, with time to order them all. */
function runHonestLoad(cluster: Cluster): void {
  for (let i = 0; i < 60; i++) {
    cluster.pack(i % 3, `honest ${i}`)
    cluster.run(300)
  }
  cluster.run(20_000)
  cluster.checkAgreement([LIAR])
}

function falseDigest(author: number, sequence: number, salt: number): Hash {
  return domainHash('test/false', Uint8Array.of(author, sequence, salt))
}

test('acknowledgements of batches that nobody made keep no batch from being ordered', () => {
  const cluster = new Cluster(4, 7)
  cluster.kill(LIAR)
  for (const to of HONEST) {
    for (let author = 0; author < 3; author++) {
      for (let sequence = 1; sequence <= 8; sequence++) {
        for (let salt = 0; salt < 6; salt++) {
          const digest = falseDigest(author, sequence, salt)
          cluster.feed(to, {
            kind: 'message',
            from: LIAR,
            message: { kind: 'batchAck', author, sequence, digest },
          })
        }
      }
    }
  }
  runHonestLoad(cluster)
  assert.deepEqual(lastSequences(cluster), [20, 20, 20])
})

test('an acknowledgement of a true digest at a wrong place does not move the batch there', () => {
  const cluster = new Cluster(4, 7)
  cluster.tamper = (from, to, message) => {
    if (message.kind === 'batch' && from === message.signed.header.author && to !== LIAR) {
      const { author, sequence } = message.signed.header
      const digest = batchDigestOf(message.signed.header)
      const lie = { kind: 'batchAck', author, sequence: sequence + 1, digest } as const
      cluster.feed(to, { kind: 'message', from: LIAR, message: lie })
    }
    return [message]
  }
  cluster.kill(LIAR)
  runHonestLoad(cluster)
  assert.deepEqual(lastSequences(cluster), [20, 20, 20])
})

test('an author with many batches for one place gets one of them onto a disk', () => {
  const cluster = new Cluster(4, 7)
  const { networkId } = cluster.optionsOf(0)
  const member = cluster.committee.members[LIAR]
  assert(member)
  const crypto = createToyCrypto(member.blsKey, member.peerKey)
  cluster.kill(LIAR)
  for (let i = 0; i < 200; i++) {
    const body = asciiBytes(`${i}`.padEnd(10_000, '.'))
    const bodyHash = createHash('sha256').update(body).digest('hex') as Hash
    const place = { author: LIAR, sequence: 1, count: 1, length: body.length, bodyHash }
    const header = { networkId, shard: 0, epoch: 0, ...place }
    const signature = crypto.signPeer(bytesOfHash(batchDigestOf(header)))
    cluster.feed(0, {
      kind: 'message',
      from: LIAR,
      message: { kind: 'batch', signed: { header, signature }, body },
    })
  }
  cluster.run(3_000)
  const batches = cluster.machine(0).disk.filter((bytes) => {
    const decoded = decodeWith(bytes, readLogRecord)
    return decoded.kind === 'value' && decoded.value.kind === 'batch'
  })
  assert.equal(batches.length, 1)
})

test('false announcements do not keep a replica that is behind from catching up', () => {
  const cluster = new Cluster(7, 7)
  cluster.run(2_000)
  for (let author = 0; author < 7; author++) {
    for (let sequence = 1; sequence <= 8; sequence++) {
      for (let salt = 0; salt < 8; salt++) {
        for (const from of [5, 6]) {
          const digest = falseDigest(author, sequence, salt)
          cluster.feed(0, {
            kind: 'message',
            from,
            message: { kind: 'batchAck', author, sequence, digest },
          })
        }
      }
    }
  }
  cluster.run(1_000)
  cluster.tamper = (_, to, message) => (to === 0 && message.kind === 'proposal' ? [] : [message])
  cluster.run(20_000)
  cluster.tamper = (_, __, message) => [message]
  cluster.run(5_000)
  const [own, others] = [cluster.machine(0).committed.length, cluster.machine(1).committed.length]
  assert(own + 2 >= others, `${own} of ${others}`)
})

test('a range of blocks with signatures or certificates by nobody does not get into the log', () => {
  const cluster = new Cluster(4, 3)
  cluster.run(2_000)
  cluster.kill(LIAR)
  cluster.run(15_000)
  let forged = 0
  cluster.tamper = (from, to, message) => {
    if (to !== LIAR || from !== 0 || message.kind !== 'blocks') return [message]
    forged++
    return [
      {
        ...message,
        proposals: message.proposals.map((proposal) => ({
          ...proposal,
          signature: new Uint8Array(64),
        })),
      },
    ]
  }
  cluster.boot(LIAR)
  cluster.run(15_000)
  const { crypto } = cluster.optionsOf(LIAR)
  const logged = cluster.machine(LIAR).disk.flatMap((bytes) => {
    const decoded = decodeWith(bytes, readLogRecord)
    return decoded.kind === 'value' && decoded.value.kind === 'proposal'
      ? [decoded.value.proposal]
      : []
  })
  assert(logged.length >= 5)
  for (const { header, signature } of logged) {
    const key = cluster.committee.members[header.proposer]?.peerKey ?? ''
    assert(
      crypto.verifyPeer(key, bytesOfHash(blockHashOf(header)), signature),
      `height ${header.height}`,
    )
  }
  assert(cluster.checkAgreement() >= 10, `it asked somebody else, ${forged} forged answers`)
})

test('bundles that one member made up keep nobody from fetching what another one announced', () => {
  const { feed } = voter(new Cluster(4, 7), 0)
  const announce = (from: number, digest: Hash) =>
    feed({ kind: 'importAck', source: 0, first: 0, digest }, from)
  for (let salt = 0; salt < 5_000; salt++)
    announce(LIAR, domainHash('test/false', Uint8Array.of(salt >> 8, salt & 0xff)))
  const digest = domainHash('test/true', new Uint8Array(0))
  const requests = announce(1, digest).filter(
    (effect) =>
      effect.kind === 'send' &&
      effect.message.kind === 'fetchImport' &&
      effect.message.digest === digest,
  )
  assert.equal(requests.length, 1)
})
