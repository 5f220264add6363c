import assert from 'node:assert/strict'
import { test } from 'node:test'
import { must } from '../../src/core/errors.ts'
import { bytesOfHash, domainHash, type Hash } from '../../src/core/primitives/hash.ts'
import type { BlockHeader } from '../../src/core/wire/block.ts'
import {
  OTHER,
  flipped,
  header,
  isProposalAt,
  proposal,
  remotePayment,
  rewrite,
  testCorruptions,
} from './support/corruption.ts'
import { codesOf, run } from './support/run.ts'
import { tell } from './support/scenario.ts'

/** Stories are told before their corruptions run, one test at a time. */
const twiceDigest: { current: Hash | undefined } = { current: undefined }
const resultBefore: { current: Hash | undefined } = { current: undefined }

testCorruptions({
  'a proposal with a forged signature': {
    code: 'proposalForged',
    only: ['proposalForged'],
    where: { shard: 0, height: 2 },
    story: proposal('s0h2', (one) => ({ ...one, signature: flipped(one.signature) })),
  },
  'a block by a validator whose turn it was not': {
    code: 'proposerWrong',
    story: header('s0h2', (one) => ({ ...one, proposer: (one.proposer + 1) % 4 })),
  },
  'a block of another committee': {
    code: 'contextWrong',
    story: header('s0h2', (one) => ({ ...one, context: OTHER })),
  },
  'a body that is not the one in the header': {
    code: 'bodyRootWrong',
    only: ['bodyRootWrong'],
    story: header('s0h2', (one) => ({ ...one, bodyRoot: OTHER })),
  },
  'a chain that begins at another genesis block': {
    code: 'genesisBlockWrong',
    where: { shard: 0, height: 0 },
    story: header('s0h1', (one) => ({ ...one, parentHash: OTHER })),
  },
  'a height left out': {
    code: 'heightWrong',
    story: header('s0h6', (one) => ({ ...one, height: 7 })),
  },
  'a view that does not ascend': {
    code: 'viewWrong',
    story: header('s0h6', (one) => ({ ...one, parentView: one.view })),
  },
  'time that does not ascend': {
    code: 'timeNotAscending',
    only: ['timeNotAscending'],
    story: header('s1h5', (one) => ({ ...one, timeMs: one.timeMs - 10_000 })),
  },
  'a block without its parent certificate': {
    code: 'parentUnjustified',
    only: ['parentUnjustified'],
    story: proposal('s0h4', (one) => ({ ...one, parentCertificate: null })),
  },
  'a block justified by the certificate of another block': {
    code: 'parentUnjustified',
    story: proposal('s0h4', (one) => ({
      ...one,
      parentCertificate: one.commitCertificate && { ...one.commitCertificate, view: 1 },
    })),
  },
  'a skipped view without any skip certificate': {
    code: 'skipMissing',
    only: ['skipMissing'],
    story: proposal('s0h3', (one) => ({ ...one, skipCertificates: [] })),
    bend: (network) =>
      rewrite(network, 0, (record) =>
        record.kind === 'certificate' && record.certificate.kind === 'skip' ? null : record,
      ),
  },
  'a commit certificate carried in place of a skip certificate': {
    code: 'skipMissing',
    only: ['skipMissing'],
    story: proposal('s0h3', (one) => ({
      ...one,
      skipCertificates: one.commitCertificate === null ? [] : [one.commitCertificate],
    })),
  },
  'a last committed block without its commit certificate': {
    code: 'lastCommittedUnproved',
    only: ['lastCommittedUnproved'],
    story: proposal('s0h5', (one) => ({ ...one, commitCertificate: null })),
  },
  'a last committed block that is no ancestor': {
    code: 'lastCommittedUnproved',
    story: header('s0h5', (one) => ({
      ...one,
      lastCommitted: { ...one.lastCommitted, hash: OTHER },
    })),
  },
  'an executed height above the committed one': {
    code: 'executedHeightWrong',
    story: header('s0h5', (one) => ({ ...one, executed: { ...one.executed, height: 5 } })),
  },
  'an executed height that falls': {
    code: 'executedHeightWrong',
    story: header('s0h5', (one) => ({ ...one, executed: { ...one.executed, height: 1 } })),
  },
  'a wrong state root': {
    code: 'stateRootWrong',
    only: ['stateRootWrong'],
    where: { shard: 0, height: 4 },
    story: header('s0h4', (one) => ({
      ...one,
      executed: { ...one.executed, roots: { ...one.executed.roots, state: OTHER } },
    })),
  },
  'a wrong outbox root': {
    code: 'outboxRootWrong',
    where: { shard: 0, height: 5 },
    story: header('s0h5', (one) => ({
      ...one,
      executed: { ...one.executed, roots: { ...one.executed.roots, outbox: OTHER } },
    })),
  },
  'a wrong result root': {
    code: 'resultRootWrong',
    only: ['resultRootWrong'],
    where: { shard: 1, height: 4 },
    story: header('s1h4', (one) => ({
      ...one,
      executed: { ...one.executed, roots: { ...one.executed.roots, result: OTHER } },
    })),
  },
  'a balance that all validators altered': {
    code: 'stateRootWrong',
    where: { shard: 1, height: 4 },
    // The amount's last byte: header 64, address 32, amount 8.
    story: { bends: { s1h3: { execute: (body) => flipped(body, 103) } } },
  },
  'a transaction executed twice': {
    code: 'executedTwice',
    where: { shard: 0, height: 4 },
    story: {
      bends: {
        s0h3: {
          header: (one) => {
            resultBefore.current = one.executed.roots.result
            return one
          },
        },
        s0h4: {
          header: (one) => {
            const results = Uint8Array.of(0, 3, 1, 5, 0)
            const digest = must(twiceDigest.current, 'the batch with the repeated transaction')
            // Five results and no read, each behind its length.
            const sized = [Uint8Array.of(0, 0, 0, 5), results, new Uint8Array(4)]
            const own = domainHash('shardnet/result/v1', bytesOfHash(digest), ...sized)
            const result = domainHash(
              'shardnet/results/v1',
              bytesOfHash(must(resultBefore.current, 'a root')),
              bytesOfHash(own),
            )
            return {
              ...one,
              executed: { ...one.executed, roots: { ...one.executed.roots, result } },
            }
          },
        },
      },
      batches: {
        s0h3: (batches) => {
          twiceDigest.current = batches[0]?.digest
          return batches
        },
      },
    },
  },
  'a block that one validator vouched for and does not have': {
    code: 'chainGap',
    where: { shard: 0, validator: 2, height: 2 },
    bend: (network) =>
      rewrite(network, 0, (record, validator) =>
        isProposalAt(record, 2) && validator === 2 ? null : record,
      ),
  },
  'a committed block that no folder has': {
    code: 'committedBlockMissing',
    where: { shard: 1, height: 3 },
    bend: (network) => rewrite(network, 1, (record) => (isProposalAt(record, 3) ? null : record)),
  },
})

test('a block may order things eight heights ahead of execution, and nothing from the ninth on', async () => {
  const network = tell()
  const shard = network.shard(0)
  const { executed } = must(shard.blocks.at(-1), 'a block').header
  const bend = { header: (one: BlockHeader) => ({ ...one, executed }) }
  const payment = () => shard.batch(3, [remotePayment(network)])
  assert.equal(executed.height, 5)
  for (let height = 7; height <= 12; height++) shard.extend({ bend })
  shard.extend({ bend, batches: [payment()] })
  shard.extend({ bend })
  assert.deepEqual((await run(network)).findings, [])
  shard.extend({ bend, batches: [payment()] })
  assert.deepEqual(codesOf(await run(network)), ['orderedWhileLagging'])
})

test('the ninth height ahead of execution is already too far', async () => {
  const network = tell()
  const shard = network.shard(0)
  const { executed } = must(shard.blocks.at(-1), 'a block').header
  const bend = { header: (one: BlockHeader) => ({ ...one, executed }) }
  for (let height = 7; height <= 13; height++) shard.extend({ bend })
  shard.extend({ bend, batches: [shard.batch(3, [remotePayment(network)])] })
  assert.deepEqual(codesOf(await run(network)), ['orderedWhileLagging'])
})
