import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditTestnet, type AuditOptions, type AuditReport } from '../../../src/audit/door.ts'
import type { FixtureNetwork, WrittenNetwork } from './fixture-network.ts'

/** What a test does to the folders between writing and reading. */
export interface RunOptions extends AuditOptions {
  readonly damage?: (written: WrittenNetwork) => Promise<WrittenNetwork | void>
  /** Whether the logs have their shutdown marks; they do when absent. */
  readonly isClosed?: boolean
}

/** Writes the network to a fresh folder, damages it, audits it, removes it. */
export async function run(network: FixtureNetwork, options: RunOptions = {}): Promise<AuditReport> {
  const { damage, isClosed = true, ...auditOptions } = options
  const directory = await mkdtemp(join(tmpdir(), 'audit-'))
  try {
    const written = await network.write(directory, isClosed)
    const damaged = (await damage?.(written)) ?? written
    const { genesisFile, accountsFile, validators } = damaged
    return await auditTestnet({ genesisFile, accountsFile, validators, ...auditOptions })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The codes of a report, each once, sorted. */
export function codesOf(report: AuditReport): string[] {
  return [...new Set(report.findings.map(({ code }) => code))].toSorted()
}
