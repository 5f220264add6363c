import { hash } from 'node:crypto'
import { must } from '../../src/core/errors.ts'
import { bytesOfHash, type Hash } from '../../src/core/primitives/hash.ts'
import { blockHashOf } from '../../src/core/wire/block.ts'
import { pairLeafOf, type PairState } from '../../src/core/wire/import-bundle.ts'
import type { Proposal } from '../../src/core/wire/proposal.ts'
import { OTHER, flipped, remotePayment, rewrite, testCorruptions } from './support/corruption.ts'

/** Stories are told before their corruptions run, one test at a time. */
const firstImport: { current: Proposal['body']['imports'] | undefined } = { current: undefined }
const liedPair: { current: PairState | undefined } = { current: undefined }

testCorruptions({
  'a replayed import': {
    code: 'importOutOfSequence',
    where: { shard: 1, height: 5 },
    story: {
      bends: {
        s1h5: {
          body: (body) => ({
            ...body,
            imports: [...body.imports, ...must(firstImport.current, 'an earlier import')],
          }),
        },
        s1h2: {
          body: (body) => {
            firstImport.current = body.imports
            return body
          },
        },
      },
    },
  },
  'an import that leaves messages out': {
    code: 'importOutOfSequence',
    story: {
      bends: {
        s1h5: {
          body: (body) => ({
            ...body,
            imports: body.imports.map((one) => ({ ...one, first: one.first + 1 })),
          }),
        },
      },
    },
  },
  'an import that is not what the block says': {
    code: 'importMismatch',
    story: {
      bends: {
        s1h5: {
          body: (body) => ({
            ...body,
            imports: body.imports.map((one) => ({ ...one, count: one.count + 1 })),
          }),
        },
      },
    },
  },
  'money made by an altered message': {
    code: 'supplyBroken',
    only: ['supplyBroken', 'importUnproved', 'importNotSent'],
    story: {
      imports: {
        s1h2: (imports) => imports.map((one) => ({ ...one, messages: flipped(one.messages, 95) })),
      },
    },
  },
  'an import whose range proof is of other messages': {
    code: 'importUnproved',
    story: {
      imports: {
        s1h5: (imports) =>
          imports.map((one) => ({ ...one, proof: [OTHER, ...one.proof.slice(1)] })),
      },
    },
  },
  'an import whose pair is not under the outbox root': {
    code: 'importUnproved',
    story: {
      imports: { s1h5: (imports) => imports.map((one) => ({ ...one, pairPath: [OTHER] })) },
    },
  },
  'a pair that the source committed and its execution never had': {
    code: 'importNotSent',
    only: ['importNotSent', 'outboxRootWrong'],
    where: { shard: 1, validator: 0 },
    story: {
      batches: {
        s0h2: (batches, network) => {
          const pair = must(network.shard(0).ledger.pairAt(1, 1), 'the pair after height 1')
          liedPair.current = { ...pair, totalOut: pair.totalOut + 1 }
          return batches
        },
      },
      bends: {
        s0h2: {
          header: (one) => {
            const leaf = bytesOfHash(pairLeafOf(must(liedPair.current, 'a pair')))
            const outbox = hash('sha256', Buffer.concat([Buffer.alloc(32), leaf])) as Hash
            const roots = { ...one.executed.roots, outbox }
            return { ...one, executed: { ...one.executed, roots } }
          },
        },
      },
      imports: {
        s1h2: (imports) =>
          imports.map((one) => ({ ...one, pair: must(liedPair.current, 'a pair') })),
      },
    },
  },
  'an import meant for another shard': {
    code: 'importMalformed',
    story: { imports: { s1h5: (imports) => imports.map((one) => ({ ...one, destination: 0 })) } },
  },
  'an import proved by a header that its source never committed': {
    code: 'importUncommitted',
    story: {
      imports: {
        s1h2: (imports, network) =>
          imports.map((one) => {
            const source = network.shard(0)
            const other = { ...one.header, timeMs: one.header.timeMs + 1 }
            return {
              ...one,
              header: other,
              certificate: source.certificate('commit', other.view, blockHashOf(other)),
            }
          }),
      },
    },
  },
  'an import with a forged certificate': {
    code: 'certificateForged',
    story: {
      imports: {
        s1h2: (imports) =>
          imports.map((one) => ({
            ...one,
            certificate: { ...one.certificate, signature: new Uint8Array(96).fill(9) },
          })),
      },
    },
  },
  'an import that no folder has': {
    code: 'importMissing',
    where: { shard: 0, height: 3 },
    bend: (network) => rewrite(network, 0, (record) => (record.kind === 'import' ? null : record)),
  },
  'a batch that no folder has': {
    code: 'batchMissing',
    where: { shard: 1, height: 1 },
    bend: (network) =>
      rewrite(network, 1, (record) =>
        record.kind === 'batch' && record.signed.header.author === 0 ? null : record,
      ),
  },
  'a batch that one validator vouched for and does not have': {
    code: 'batchMissing',
    where: { shard: 0, validator: 2, height: 1 },
    bend: (network) =>
      rewrite(network, 0, (record, validator) =>
        record.kind === 'batch' && validator === 2 ? null : record,
      ),
  },
  'a batch sequence with a gap': {
    code: 'batchOutOfSequence',
    where: { shard: 0, height: 4 },
    story: {
      bends: {
        s0h4: {
          body: (body) => ({
            ...body,
            batches: body.batches.map((one) => ({ ...one, sequence: one.sequence + 1 })),
          }),
        },
      },
    },
  },
  'a batch named twice': {
    code: 'batchOutOfSequence',
    story: {
      bends: {
        s0h1: {
          body: (body) => ({ ...body, batches: [...body.batches, ...body.batches.slice(1)] }),
        },
      },
    },
  },
  'a body that is not that of the batch': {
    code: 'batchBodyWrong',
    where: { shard: 0, validator: 1 },
    bend: (network) =>
      rewrite(network, 0, (record, validator) => {
        return record.kind === 'batch' && validator === 1
          ? { ...record, body: flipped(record.body, 100) }
          : record
      }),
  },
  'a batch of another network': {
    code: 'batchHeaderWrong',
    story: {
      batches: {
        s0h4: (_, network) => [
          network
            .shard(0)
            .batch(3, [remotePayment(network)], { networkId: OTHER, author: 3, sequence: 1 }),
        ],
      },
    },
  },
  'a batch that its author did not sign': {
    code: 'batchForged',
    only: ['batchForged'],
    story: {
      batches: {
        s0h4: (batches) =>
          batches.map((one) => ({
            ...one,
            signed: { ...one.signed, signature: flipped(one.signed.signature) },
          })),
      },
    },
  },
  'two batches of an author with one sequence': {
    code: 'authorEquivocation',
    only: ['authorEquivocation'],
    where: { shard: 0, validator: 1 },
    bend: (network) => {
      const shard = network.shard(0)
      const { signed, body } = shard.batch(1, [remotePayment(network)], { sequence: 1 })
      shard.log(0, { kind: 'batch', signed, body })
    },
  },
  'a transaction with a forged signature': {
    code: 'transactionForged',
    only: ['transactionForged'],
    where: { shard: 0 },
    story: {
      batches: {
        s0h4: (_, network) => {
          const forged = remotePayment(network)
          return [network.shard(0).batch(3, [flipped(forged, forged.length - 40)])]
        },
      },
    },
  },
  'a transaction whose payer is of another shard': {
    code: 'transactionMalformed',
    story: {
      batches: {
        s0h4: (_, network) => [
          network.shard(0).batch(3, [
            network.transfer({
              payer: { shard: 1, index: 5 },
              nonce: 0,
              payees: [{ shard: 1, index: 0, amount: 1 }],
            }),
          ]),
        ],
      },
    },
  },
  'a batch that counts one transaction more than it has': {
    code: 'transactionMalformed',
    story: {
      batches: {
        s0h4: (_, network) => [network.shard(0).batch(3, [remotePayment(network)], { count: 2 })],
      },
    },
  },
})
