import type { SafetyCheck } from '@shardnet/load-generator'
import type { TestnetStatus } from '@shardnet/operator/local'
import { upNetworkOf } from './load-network.ts'

/**
 * Reads every validator's files after the processes have stopped, and proves or refutes that they kept their promises.
 * @throws ConfigError when genesis or account table cannot be used.
 */
export async function checkSafety(status: TestnetStatus): Promise<SafetyCheck> {
  const { auditTestnet, describeFinding, summaryOf } = await import('@shardnet/node/audit')
  const { genesisFile, accountsFile } = upNetworkOf(status)
  const validators = status.validators.map(({ shard, validator, dataDirectory }) => ({
    shard,
    validator,
    dataDirectory,
  }))
  const report = await auditTestnet({ genesisFile, accountsFile, validators })
  const summary = summaryOf(report)
  const facts = [
    ['validators read', String(report.checked.folders)],
    ['blocks', String(summary.blocks)],
    ['transactions replayed', String(summary.transactions)],
    ['transaction signatures verified', String(summary.transactionSignatures)],
    ['certificates verified', String(summary.certificates)],
    ['cross-shard imports', String(summary.imports)],
    ['state roots compared', String(summary.rootsCompared)],
    ['supply', summary.supplyHolds ? 'holds' : 'broken'],
  ] as const
  return {
    kind: summary.ok ? 'passed' : 'failed',
    findings: report.findings.map(describeFinding),
    facts: facts.map(([name, value]) => ({ name, value })),
  }
}
