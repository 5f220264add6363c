import assert from 'node:assert/strict'
import { test } from 'node:test'
import { must } from '../../src/core/errors.ts'
import { ZERO_HASH } from '../../src/core/primitives/hash.ts'
import {
  OTHER,
  accuse,
  certificate,
  rewrite,
  secondBlock,
  testCorruptions,
} from './support/corruption.ts'
import { run } from './support/run.ts'
import { tell } from './support/scenario.ts'

testCorruptions({
  'a commit certificate of another view than its block': {
    code: 'viewWrong',
    only: ['viewWrong'],
    where: { shard: 0, height: 6 },
    bend: (network) => {
      const shard = network.shard(0)
      const certificate = shard.certificate('commit', 50, shard.tip.hash)
      shard.log(2, { kind: 'certificate', certificate })
    },
  },
  'a fork: two committed blocks at one height': {
    code: 'fork',
    where: { shard: 0, height: 3 },
    bend: (network) => {
      const { proposal: second, commit } = secondBlock(network, 0, 3)
      network
        .shard(0)
        .log(
          3,
          { kind: 'proposal', proposal: second },
          { kind: 'certificate', certificate: commit },
        )
    },
  },
  'two prepare certificates in one view': {
    code: 'twoPrepared',
    bend: (network) => {
      const { proposal: second, prepare } = secondBlock(network, 0, 3)
      network
        .shard(0)
        .log(
          3,
          { kind: 'proposal', proposal: second },
          { kind: 'certificate', certificate: prepare },
        )
    },
  },
  'a commit and a skip certificate in one view': {
    code: 'commitAndSkip',
    only: ['commitAndSkip'],
    bend: (network) => {
      const shard = network.shard(1)
      shard.log(0, { kind: 'certificate', certificate: shard.certificate('skip', 2, ZERO_HASH) })
    },
  },
  'a certificate with too few signers': {
    code: 'certificateBelowQuorum',
    where: { shard: 0, validator: 0 },
    story: certificate('s0h2', (one) => ({ ...one, signers: Uint8Array.of(0b0011) })),
  },
  'a certificate that names a seat that is not there': {
    code: 'certificateMalformed',
    story: certificate('s0h2', (one) => ({ ...one, signers: Uint8Array.of(0b11_0111) })),
  },
  'a certificate whose signature is of another value': {
    code: 'certificateForged',
    where: { shard: 0, validator: 0 },
    bend: (network) => {
      const shard = network.shard(0)
      const { signature } = shard.certificate('commit', 3, OTHER)
      shard.log(0, {
        kind: 'certificate',
        certificate: { ...shard.certificate('commit', 2, shard.tip.hash), signature },
      })
    },
  },
  'a certificate whose signature is no point': {
    code: 'certificateForged',
    story: certificate('s1h3', (one) => ({ ...one, signature: new Uint8Array(96).fill(0xff) })),
  },
  'a certificate that claims one signer more than signed': {
    code: 'certificateForged',
    story: certificate('s1h3', (one) => ({ ...one, signers: Uint8Array.of(0b1111) })),
  },
  'two own votes of one kind in one view': {
    code: 'doubleVote',
    where: { shard: 0, validator: 2 },
    bend: (network) => {
      const shard = network.shard(0)
      shard.log(2, { kind: 'vote', vote: shard.vote(2, 'prepare', 2, OTHER) })
    },
  },
  'COMMIT and SKIP in one view': {
    code: 'commitAndSkipVote',
    where: { shard: 0, validator: 1 },
    bend: (network) => {
      const shard = network.shard(0)
      shard.log(1, { kind: 'vote', vote: shard.vote(1, 'skip', 2, ZERO_HASH) })
    },
  },
  'a vote at the committed view': {
    code: 'voteBelowCommitted',
    only: ['voteBelowCommitted'],
    bend: (network) => {
      const shard = network.shard(0)
      shard.log(1, { kind: 'vote', vote: shard.vote(1, 'commit', shard.view, shard.tip.hash) })
    },
  },
  'a vote below the committed view': {
    code: 'voteBelowCommitted',
    only: ['voteBelowCommitted'],
    bend: (network) => {
      const shard = network.shard(0)
      shard.log(1, { kind: 'vote', vote: shard.vote(1, 'skip', 3, ZERO_HASH) })
    },
  },
  'an observer that votes': {
    code: 'voteByObserver',
    only: ['voteByObserver'],
    where: { shard: 1, validator: 0 },
    bend: (network) =>
      rewrite(network, 1, (record, validator) =>
        record.kind === 'birth' && validator === 0 ? null : record,
      ),
  },
  'an own vote with a forged signature': {
    code: 'voteForged',
    only: ['voteForged'],
    where: { shard: 0, validator: 3 },
    bend: (network) =>
      rewrite(network, 0, (record, validator) => {
        if (record.kind !== 'vote' || validator !== 3 || record.vote.view !== 2) return record
        return {
          kind: 'vote',
          vote: {
            ...record.vote,
            signature: network.shard(0).vote(2, 'skip', 9, ZERO_HASH).signature,
          },
        }
      }),
  },
  'a vote before the block was durable': {
    code: 'voteUnsupported',
    only: ['voteUnsupported'],
    bend: (network) => {
      const { logs } = network.shard(0)
      logs[2] = must(logs[2], 'a log').map((group) =>
        group.toSorted((a, b) => Number(b.kind === 'vote') - Number(a.kind === 'vote')),
      )
    },
  },
  'a COMMIT without a prepare certificate': {
    code: 'voteUnsupported',
    only: ['voteUnsupported'],
    bend: (network) =>
      rewrite(network, 0, (record, validator) => {
        return validator === 1 &&
          record.kind === 'certificate' &&
          record.certificate.kind === 'prepare'
          ? null
          : record
      }),
  },
  'evidence that its accused did not sign': {
    code: 'falseEvidence',
    only: ['falseEvidence'],
    where: { shard: 0, validator: 0 },
    bend: (network) => accuse(network, 2),
  },
  'evidence that holds': {
    code: 'misbehaviour',
    only: ['misbehaviour'],
    where: { shard: 0, validator: 1 },
    bend: (network) => accuse(network, 1),
  },
})

test('the misbehaviour of a validator that is meant to be faulty is no finding', async () => {
  const network = tell()
  accuse(network, 1)
  const report = await run(network, { faulty: [{ shard: 0, validator: 1 }] })
  assert.deepEqual([report.findings, report.perShard[0]?.validators.length], [[], 3])
})
