import { auditTestnet, describeFinding, type AuditReport } from '@shardnet/node/audit'
import { hexOf } from '@shardnet/node/core'
import type { TestnetStatus } from '@shardnet/operator/local'
import { checkLedger, type FoundExecution, type LedgerEntry } from './client-ledger.ts'
import { idOf } from './signer.ts'
import type { Seat } from './testnet-under-chaos.ts'

/** What the files of a stopped testnet say about a client's ledger. */
export interface FileVerdict {
  readonly violations: readonly string[]
  readonly foundInFiles: number
  readonly blocks: number
  readonly validatorsRead: number
}

/**
 * Reads every honest validator's files by the audit's own reader and executor, and holds the client's ledger against them.
 * @throws ConfigError when genesis or accounts cannot be used.
 */
export async function verifyFiles(
  { genesisFile, accountsFile, validators }: TestnetStatus,
  entries: readonly LedgerEntry[],
  faulty: readonly Seat[],
): Promise<FileVerdict> {
  if (genesisFile === null || accountsFile === null)
    return { violations: ['there is no genesis'], foundInFiles: 0, blocks: 0, validatorsRead: 0 }
  const ids = new Set(entries.map(({ id }) => id))
  const found = new Map<string, FoundExecution[]>()
  const report = await auditTestnet({
    genesisFile,
    accountsFile,
    faulty,
    validators: validators.map(({ shard, validator, dataDirectory }) => {
      return { shard, validator, dataDirectory }
    }),
    onExecuted: ({ shard, height, transaction, result, read }) => {
      const id = idOf(transaction)
      if (!ids.has(id)) return
      const executions = found.get(id) ?? []
      executions.push({ shard, height, result, read: read === null ? null : hexOf(read) })
      found.set(id, executions)
    },
  })
  return {
    violations: [...auditProblems(report), ...checkLedger(entries, found, ownHeights(report))],
    foundInFiles: found.size,
    blocks: report.checked.blocks,
    validatorsRead: report.checked.folders,
  }
}

function ownHeights({ perShard }: AuditReport) {
  return perShard.flatMap(({ shard, validators }) =>
    validators.map(({ validator, height }) => ({ shard, validator, height })),
  )
}

/** Findings of the safety check, and money that is still between two shards after everything came to rest. */
function auditProblems(report: AuditReport): readonly string[] {
  const problems = report.findings.map(describeFinding)
  if (!report.supply.holds) problems.push(`supply is broken: ${JSON.stringify(report.supply)}`)
  if (report.supply.inFlight !== '0')
    problems.push(`${report.supply.inFlight} are still in flight between the shards`)
  return problems
}
