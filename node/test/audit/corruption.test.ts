import assert from 'node:assert/strict'
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { FindingCode } from '../../src/audit/door.ts'
import { must } from '../../src/core/errors.ts'
import { bytesOfHash, domainHash, ZERO_HASH, type Hash } from '../../src/core/primitives/hash.ts'
import { blockHashOf, type BlockHeader } from '../../src/core/wire/block.ts'
import type { Certificate } from '../../src/core/wire/certificate.ts'
import type { LogRecord } from '../../src/core/wire/log-record.ts'
import type { Proposal } from '../../src/core/wire/proposal.ts'
import type { FixtureNetwork, WrittenNetwork } from './support/fixture-network.ts'
import { codesOf, run } from './support/run.ts'
import { tell, type Story } from './support/scenario.ts'

const OTHER = 'ee'.repeat(32) as Hash

interface Corruption {
  readonly code: FindingCode
  readonly story?: Story
  readonly bend?: (network: FixtureNetwork) => void
  readonly damage?: (written: WrittenNetwork) => Promise<WrittenNetwork | void>
  /** All codes that may appear, when it matters that nothing else does. */
  readonly only?: readonly FindingCode[]
  readonly where?: { readonly shard?: number; readonly validator?: number; readonly height?: number }
}

const header = (name: string, change: (header: BlockHeader) => BlockHeader): Story => ({ bends: { [name]: { header: change } } })
const proposal = (name: string, change: (proposal: Proposal) => Proposal): Story => ({ bends: { [name]: { proposal: change } } })
const certificate = (name: string, change: (certificate: Certificate) => Certificate): Story => ({
  bends: { [name]: { certificate: change } },
})

function flipped(bytes: Uint8Array, at = 5): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

function rewrite(network: FixtureNetwork, shard: number, change: (record: LogRecord, validator: number) => LogRecord | null): void {
  const { logs } = network.shard(shard)
  for (const [validator, log] of logs.entries()) {
    logs[validator] = log
      .map((group) => group.map((record) => change(record, validator)).filter((record) => record !== null))
      .filter((group) => group.length > 0)
  }
}

const isProposalAt = (record: LogRecord, height: number) => record.kind === 'proposal' && record.proposal.header.height === height

/** A second block at a height, on the same parent, with certificates by the same quorum: what only a bad quorum makes. */
function secondBlock(network: FixtureNetwork, shard: number, height: number): { proposal: Proposal; commit: Certificate; prepare: Certificate } {
  const fixture = network.shard(shard)
  const first = must(fixture.blocks[height - 1], 'a block')
  const other = { ...first.header, timeMs: first.header.timeMs + 1 }
  const hash = blockHashOf(other)
  return {
    proposal: { ...first, header: other, signature: fixture.signPeer(other.proposer, hash) },
    prepare: fixture.certificate('prepare', other.view, hash),
    commit: fixture.certificate('commit', other.view, hash),
  }
}

async function changeLog(written: WrittenNetwork, folder: number, change: (bytes: Buffer) => Buffer): Promise<void> {
  const file = join(must(written.validators[folder], 'a folder').dataDirectory, 'log', '00000001.log')
  await writeFile(file, change(await readFile(file)))
}

const CORRUPTIONS: Readonly<Record<string, Corruption>> = {
  'a fork: two committed blocks at one height': {
    code: 'fork',
    where: { shard: 0, height: 3 },
    bend: (network) => {
      const { proposal: second, commit } = secondBlock(network, 0, 3)
      network.shard(0).log(3, { kind: 'proposal', proposal: second }, { kind: 'certificate', certificate: commit })
    },
  },
  'two prepare certificates in one view': {
    code: 'twoPrepared',
    bend: (network) => {
      const { proposal: second, prepare } = secondBlock(network, 0, 3)
      network.shard(0).log(3, { kind: 'proposal', proposal: second }, { kind: 'certificate', certificate: prepare })
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
      shard.log(0, { kind: 'certificate', certificate: { ...shard.certificate('commit', 2, shard.tip.hash), signature } })
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
  'a block of another committee': { code: 'contextWrong', story: header('s0h2', (one) => ({ ...one, context: OTHER })) },
  'a body that is not the one in the header': {
    code: 'bodyRootWrong',
    only: ['bodyRootWrong'],
    story: header('s0h2', (one) => ({ ...one, bodyRoot: OTHER })),
  },
  'a height left out': { code: 'heightWrong', story: header('s0h6', (one) => ({ ...one, height: 7 })) },
  'a view that does not ascend': { code: 'viewWrong', story: header('s0h6', (one) => ({ ...one, parentView: one.view })) },
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
    story: proposal('s0h4', (one) => ({ ...one, parentCertificate: one.commitCertificate && { ...one.commitCertificate, view: 1 } })),
  },
  'a skipped view without any skip certificate': {
    code: 'skipMissing',
    only: ['skipMissing'],
    story: proposal('s0h3', (one) => ({ ...one, skipCertificates: [] })),
    bend: (network) =>
      rewrite(network, 0, (record) => (record.kind === 'certificate' && record.certificate.kind === 'skip' ? null : record)),
  },
  'a last committed block without its commit certificate': {
    code: 'lastCommittedUnproved',
    only: ['lastCommittedUnproved'],
    story: proposal('s0h5', (one) => ({ ...one, commitCertificate: null })),
  },
  'a last committed block that is no ancestor': {
    code: 'lastCommittedUnproved',
    story: header('s0h5', (one) => ({ ...one, lastCommitted: { ...one.lastCommitted, hash: OTHER } })),
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
    story: header('s0h4', (one) => ({ ...one, executed: { ...one.executed, roots: { ...one.executed.roots, state: OTHER } } })),
  },
  'a wrong outbox root': {
    code: 'outboxRootWrong',
    where: { shard: 0, height: 5 },
    story: header('s0h5', (one) => ({ ...one, executed: { ...one.executed, roots: { ...one.executed.roots, outbox: OTHER } } })),
  },
  'a wrong result root': {
    code: 'resultRootWrong',
    only: ['resultRootWrong'],
    where: { shard: 1, height: 4 },
    story: header('s1h4', (one) => ({ ...one, executed: { ...one.executed, roots: { ...one.executed.roots, result: OTHER } } })),
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
        s0h4: {
          header: (one) => {
            const results = Uint8Array.of(0, 3, 1, 5, 0)
            const digest = must(twiceDigest.current, 'the batch with the repeated transaction')
            const result = domainHash('shardnet/result/v1', bytesOfHash(digest), results)
            return { ...one, executed: { ...one.executed, roots: { ...one.executed.roots, result } } }
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
  'a vote at or below the committed view': {
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
    bend: (network) => rewrite(network, 1, (record, validator) => (record.kind === 'birth' && validator === 0 ? null : record)),
  },
  'an own vote with a forged signature': {
    code: 'voteForged',
    only: ['voteForged'],
    where: { shard: 0, validator: 3 },
    bend: (network) =>
      rewrite(network, 0, (record, validator) => {
        if (record.kind !== 'vote' || validator !== 3 || record.vote.view !== 2) return record
        return { kind: 'vote', vote: { ...record.vote, signature: network.shard(0).vote(2, 'skip', 9, ZERO_HASH).signature } }
      }),
  },
  'a vote before the block was durable': {
    code: 'voteUnsupported',
    only: ['voteUnsupported'],
    bend: (network) => {
      const { logs } = network.shard(0)
      logs[2] = must(logs[2], 'a log').map((group) => group.toSorted((a, b) => Number(b.kind === 'vote') - Number(a.kind === 'vote')))
    },
  },
  'a COMMIT without a prepare certificate': {
    code: 'voteUnsupported',
    only: ['voteUnsupported'],
    bend: (network) =>
      rewrite(network, 0, (record, validator) => {
        return validator === 1 && record.kind === 'certificate' && record.certificate.kind === 'prepare' ? null : record
      }),
  },
  'a replayed import': {
    code: 'importOutOfSequence',
    where: { shard: 1, height: 5 },
    story: {
      bends: {
        s1h5: { body: (body) => ({ ...body, imports: [...body.imports, ...must(firstImport.current, 'an earlier import')] }) },
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
    story: { bends: { s1h5: { body: (body) => ({ ...body, imports: body.imports.map((one) => ({ ...one, first: one.first + 1 })) }) } } },
  },
  'an import that is not what the block says': {
    code: 'importMismatch',
    story: { bends: { s1h5: { body: (body) => ({ ...body, imports: body.imports.map((one) => ({ ...one, count: one.count + 1 })) }) } } },
  },
  'money made by an altered message': {
    code: 'supplyBroken',
    only: ['supplyBroken', 'importUnproved', 'importNotSent'],
    story: { imports: { s1h2: (imports) => imports.map((one) => ({ ...one, messages: flipped(one.messages, 95) })) } },
  },
  'an import whose range proof is of other messages': {
    code: 'importUnproved',
    story: { imports: { s1h5: (imports) => imports.map((one) => ({ ...one, proof: [OTHER, ...one.proof.slice(1)] })) } },
  },
  'an import whose pair is not under the outbox root': {
    code: 'importUnproved',
    story: { imports: { s1h5: (imports) => imports.map((one) => ({ ...one, pairPath: [OTHER] })) } },
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
            return { ...one, header: other, certificate: source.certificate('commit', other.view, blockHashOf(other)) }
          }),
      },
    },
  },
  'an import with a forged certificate': {
    code: 'certificateForged',
    story: {
      imports: {
        s1h2: (imports) => imports.map((one) => ({ ...one, certificate: { ...one.certificate, signature: new Uint8Array(96).fill(9) } })),
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
    bend: (network) => rewrite(network, 1, (record) => (record.kind === 'batch' && record.signed.header.author === 0 ? null : record)),
  },
  'a batch that one validator vouched for and does not have': {
    code: 'batchMissing',
    where: { shard: 0, validator: 2, height: 1 },
    bend: (network) => rewrite(network, 0, (record, validator) => (record.kind === 'batch' && validator === 2 ? null : record)),
  },
  'a block that one validator vouched for and does not have': {
    code: 'chainGap',
    where: { shard: 0, validator: 2, height: 2 },
    bend: (network) => rewrite(network, 0, (record, validator) => (isProposalAt(record, 2) && validator === 2 ? null : record)),
  },
  'a committed block that no folder has': {
    code: 'committedBlockMissing',
    where: { shard: 1, height: 3 },
    bend: (network) => rewrite(network, 1, (record) => (isProposalAt(record, 3) ? null : record)),
  },
  'a batch sequence with a gap': {
    code: 'batchOutOfSequence',
    where: { shard: 0, height: 4 },
    story: {
      bends: { s0h4: { body: (body) => ({ ...body, batches: body.batches.map((one) => ({ ...one, sequence: one.sequence + 1 })) }) } },
    },
  },
  'a batch named twice': {
    code: 'batchOutOfSequence',
    story: { bends: { s0h1: { body: (body) => ({ ...body, batches: [...body.batches, ...body.batches.slice(1)] }) } } },
  },
  'a body that is not that of the batch': {
    code: 'batchBodyWrong',
    where: { shard: 0, validator: 1 },
    bend: (network) =>
      rewrite(network, 0, (record, validator) => {
        return record.kind === 'batch' && validator === 1 ? { ...record, body: flipped(record.body, 100) } : record
      }),
  },
  'a batch of another network': {
    code: 'batchHeaderWrong',
    story: {
      batches: {
        s0h4: (_, network) => [network.shard(0).batch(3, [remotePayment(network)], { networkId: OTHER, author: 3, sequence: 1 })],
      },
    },
  },
  'a batch that its author did not sign': {
    code: 'batchForged',
    only: ['batchForged'],
    story: {
      batches: {
        s0h4: (batches) => batches.map((one) => ({ ...one, signed: { ...one.signed, signature: flipped(one.signed.signature) } })),
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
          network.shard(0).batch(3, [network.transfer({ payer: { shard: 1, index: 5 }, nonce: 0, payees: [{ shard: 1, index: 0, amount: 1 }] })]),
        ],
      },
    },
  },
  'a batch that counts one transaction more than it has': {
    code: 'transactionMalformed',
    story: { batches: { s0h4: (_, network) => [network.shard(0).batch(3, [remotePayment(network)], { count: 2 })] } },
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
  'a flipped byte in the middle of a log': {
    code: 'logDamaged',
    where: { shard: 0, validator: 1 },
    damage: (written) => changeLog(written, 1, (bytes) => Buffer.from(flipped(bytes, Math.floor(bytes.length / 2)))),
  },
  'a middle that was cut out of a log': {
    code: 'logDamaged',
    where: { shard: 1, validator: 1 },
    damage: (written) =>
      changeLog(written, 5, (bytes) => Buffer.concat([bytes.subarray(0, 3000), bytes.subarray(4000)])),
  },
  'a whole group that was cut out of a log': {
    code: 'logDamaged',
    damage: (written) => {
      const { offset, length } = must(must(written.groups.get('0 0'), 'groups')[5], 'a group')
      return changeLog(written, 0, (bytes) => Buffer.concat([bytes.subarray(0, offset), bytes.subarray(offset + length)]))
    },
  },
  'a log that ends before its shutdown mark says': {
    code: 'logDamaged',
    damage: (written) => {
      const { offset } = must(must(written.groups.get('0 0'), 'groups').at(-1), 'a group')
      return changeLog(written, 0, (bytes) => bytes.subarray(0, offset))
    },
  },
  'a log of a newer format': {
    code: 'logFormatNewer',
    damage: (written) => changeLog(written, 0, (bytes) => Buffer.from(bytes.fill(2, 11, 12))),
  },
  'a folder that is not there': {
    code: 'folderUnreadable',
    only: ['folderUnreadable'],
    where: { shard: 0, validator: 3 },
    damage: ({ validators }) => rm(must(validators[3], 'a folder').dataDirectory, { recursive: true }),
  },
  'a log of another network': {
    code: 'networkMismatch',
    where: { shard: 0, validator: 0 },
    damage: async (written) => {
      const other = tell({}, 'cd'.repeat(16))
      const directory = must(written.validators[0], 'a folder').dataDirectory
      await other.write(join(directory, 'other'))
      for (const file of ['00000001.log', 'closed']) {
        await copyFile(join(directory, 'other', 's0v0', 'log', file), join(directory, 'log', file))
      }
    },
  },
  'the folder of another validator': {
    code: 'birthWrong',
    where: { shard: 0, validator: 1 },
    damage: (written) => {
      const [zero, one, ...rest] = written.validators
      const [first, second] = [must(zero, 'a folder'), must(one, 'a folder')]
      const swapped = [
        { ...first, dataDirectory: second.dataDirectory },
        { ...second, dataDirectory: first.dataDirectory },
      ]
      return Promise.resolve({ ...written, validators: [...swapped, ...rest] })
    },
  },
  'a second birth': {
    code: 'birthWrong',
    bend: (network) => network.shard(0).log(1, must(network.shard(0).logs[1]?.[0]?.[0], 'the birth record')),
  },
  'a folder of no seat': {
    code: 'folderUnexpected',
    only: ['folderUnexpected'],
    damage: (written) => {
      return Promise.resolve({ ...written, validators: [...written.validators, { shard: 0, validator: 4, dataDirectory: '/nowhere' }] })
    },
  },
  'a shard without folders': {
    code: 'shardUncovered',
    where: { shard: 1 },
    damage: (written) => Promise.resolve({ ...written, validators: written.validators.filter(({ shard }) => shard === 0) }),
  },
  'a record that is none': {
    code: 'recordMalformed',
    where: { shard: 0, validator: 2 },
    bend: (network) => {
      const vote = network.shard(0).vote(2, 'skip', 90, ZERO_HASH)
      network.shard(0).log(2, { kind: 'vote', vote: { ...vote, signature: vote.signature.slice(1) } })
    },
  },
}

/** Stories are told before their corruptions run, one test at a time. */
const twiceDigest: { current: Hash | undefined } = { current: undefined }
const firstImport: { current: Proposal['body']['imports'] | undefined } = { current: undefined }

function remotePayment(network: FixtureNetwork): Uint8Array {
  return network.transfer({ payer: { shard: 0, index: 7 }, nonce: 0, payees: [{ shard: 1, index: 7, amount: 21 }] })
}

/** Validator 0 shows two PREPAREs of validator 1 in one view and says that `accused` signed them. */
function accuse(network: FixtureNetwork, accused: number): void {
  const shard = network.shard(0)
  const side = (value: Hash) => ({ kind: 'prepare', value, signature: shard.vote(1, 'prepare', 7, value).signature }) as const
  shard.log(0, { kind: 'evidence', validator: accused, view: 7, first: side(OTHER), second: side('dd'.repeat(32) as Hash) })
}

for (const [title, corruption] of Object.entries(CORRUPTIONS)) {
  test(`${title} is found as ${corruption.code}`, async () => {
    const network = tell(corruption.story)
    corruption.bend?.(network)
    const report = await run(network, corruption.damage === undefined ? {} : { damage: corruption.damage })
    assert.equal(report.ok, false)
    const { code, where = {}, only } = corruption
    const found = report.findings.filter((finding) => finding.code === code)
    assert.notEqual(found.length, 0, `found ${JSON.stringify(report.findings)}`)
    const isThere = found.some((finding) => Object.entries(where).every(([key, value]) => finding[key as keyof typeof where] === value))
    assert.ok(isThere, `found ${JSON.stringify(found)}`)
    if (only !== undefined) assert.deepEqual(codesOf(report), only.toSorted())
  })
}

test('the misbehaviour of a validator that is meant to be faulty is no finding', async () => {
  const network = tell()
  accuse(network, 1)
  const report = await run(network, { faulty: [{ shard: 0, validator: 1 }] })
  assert.deepEqual([report.findings, report.perShard[0]?.validators.length], [[], 3])
})

test('a block far ahead of execution must be empty', async () => {
  const network = tell()
  const shard = network.shard(0)
  const roots = must(shard.blocks.at(-1), 'a block').header.executed
  const bend = { header: (one: BlockHeader) => ({ ...one, executed: roots }) }
  for (let extra = 0; extra < 8; extra++) shard.extend({ bend })
  assert.deepEqual((await run(network)).findings, [])
  shard.extend({ bend, batches: [shard.batch(3, [remotePayment(network)])] })
  const report = await run(network)
  assert.deepEqual(codesOf(report), ['orderedWhileLagging'])
})
