import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { FindingCode } from '../../../src/audit/door.ts'
import { must } from '../../../src/core/errors.ts'
import type { Hash } from '../../../src/core/primitives/hash.ts'
import { blockHashOf, type BlockHeader } from '../../../src/core/wire/block.ts'
import type { Certificate } from '../../../src/core/wire/certificate.ts'
import type { LogRecord } from '../../../src/core/wire/log-record.ts'
import type { Proposal } from '../../../src/core/wire/proposal.ts'
import type { FixtureNetwork, WrittenNetwork } from './fixture-network.ts'
import { codesOf, run } from './run.ts'
import { tell, type Story } from './scenario.ts'

export const OTHER = 'ee'.repeat(32) as Hash

/** A way to break a network, and how the audit must name it. */
export interface Corruption {
  readonly code: FindingCode
  readonly story?: Story
  readonly bend?: (network: FixtureNetwork) => void
  readonly damage?: (written: WrittenNetwork) => Promise<WrittenNetwork | void>
  /** All codes that may appear, when it matters that nothing else does. */
  readonly only?: readonly FindingCode[]
  readonly where?: {
    readonly shard?: number
    readonly validator?: number
    readonly height?: number
  }
}

export const header = (name: string, change: (header: BlockHeader) => BlockHeader): Story => ({
  bends: { [name]: { header: change } },
})
export const proposal = (name: string, change: (proposal: Proposal) => Proposal): Story => ({
  bends: { [name]: { proposal: change } },
})
export const certificate = (
  name: string,
  change: (certificate: Certificate) => Certificate,
): Story => ({
  bends: { [name]: { certificate: change } },
})

export function flipped(bytes: Uint8Array, at = 5): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

export function rewrite(
  network: FixtureNetwork,
  shard: number,
  change: (record: LogRecord, validator: number) => LogRecord | null,
): void {
  const { logs } = network.shard(shard)
  for (const [validator, log] of logs.entries()) {
    logs[validator] = log
      .map((group) =>
        group.map((record) => change(record, validator)).filter((record) => record !== null),
      )
      .filter((group) => group.length > 0)
  }
}

export const isProposalAt = (record: LogRecord, height: number) =>
  record.kind === 'proposal' && record.proposal.header.height === height

/** A second block at a height, on the same parent, with certificates by the same quorum: what only a bad quorum makes. */
export function secondBlock(
  network: FixtureNetwork,
  shard: number,
  height: number,
): { proposal: Proposal; commit: Certificate; prepare: Certificate } {
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

export async function changeLog(
  written: WrittenNetwork,
  folder: number,
  change: (bytes: Buffer) => Buffer,
): Promise<void> {
  const file = join(
    must(written.validators[folder], 'a folder').dataDirectory,
    'log',
    '00000001.log',
  )
  await writeFile(file, change(await readFile(file)))
}

export function remotePayment(network: FixtureNetwork): Uint8Array {
  return network.transfer({
    payer: { shard: 0, index: 7 },
    nonce: 0,
    payees: [{ shard: 1, index: 7, amount: 21 }],
  })
}

/** Validator 0 shows two PREPAREs of validator 1 in one view and says that `accused` signed them. */
export function accuse(network: FixtureNetwork, accused: number): void {
  const shard = network.shard(0)
  const side = (value: Hash) =>
    ({
      kind: 'prepare',
      value,
      signature: shard.vote(1, 'prepare', 7, value).signature,
      header: new Uint8Array(0),
    }) as const
  shard.log(0, {
    kind: 'evidence',
    validator: accused,
    view: 7,
    first: side(OTHER),
    second: side('dd'.repeat(32) as Hash),
  })
}

/** One test for each corruption: the audit must find it, as what it is and where it is. */
export function testCorruptions(corruptions: Readonly<Record<string, Corruption>>): void {
  for (const [title, corruption] of Object.entries(corruptions)) {
    void test(`${title} is found as ${corruption.code}`, async () => {
      const network = tell(corruption.story)
      corruption.bend?.(network)
      const report = await run(
        network,
        corruption.damage === undefined ? {} : { damage: corruption.damage },
      )
      assert.equal(report.ok, false)
      const { code, where = {}, only } = corruption
      const found = report.findings.filter((finding) => finding.code === code)
      assert.notEqual(found.length, 0, `found ${JSON.stringify(report.findings)}`)
      const isThere = found.some((finding) =>
        Object.entries(where).every(([key, value]) => finding[key as keyof typeof where] === value),
      )
      assert.ok(isThere, `found ${JSON.stringify(found)}`)
      if (only !== undefined) assert.deepEqual(codesOf(report), only.toSorted())
    })
  }
}
