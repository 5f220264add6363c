import { readFile } from 'node:fs/promises'
import { accountsOfShard, loadAccountTable } from '../config/accounts.ts'
import { balanceOf, committeesOf, networkIdOf, parseGenesis } from '../config/genesis.ts'
import { auditNetwork, type AuditOptions } from './audit.ts'
import type { ValidatorFolder } from './folder.ts'
import type { AuditReport } from './report.ts'

export { auditNetwork, type AuditOptions, type FaultyValidator } from './audit.ts'
export type { ValidatorFolder } from './folder.ts'
export type { ExecutedTransaction } from './replay.ts'
export type { NetworkFacts } from './network.ts'
export {
  describeFinding,
  summaryOf,
  type AuditReport,
  type Finding,
  type FindingCode,
  type SafetySummary,
  type ShardReport,
} from './report.ts'
export { messageLeafOf } from './message-tree.ts'
export { checkBatchForm, type FormFacts } from './transaction-form.ts'
export { Replay, type ReplayBlock } from './replay.ts'
export {
  ownVerifier,
  type TransactionSignatures,
  type TransactionVerifier,
} from './signature-check.ts'

/** A stopped testnet: its two public files, and the data folders of all validators that can be read. */
export interface AuditInput extends AuditOptions {
  readonly genesisFile: string
  readonly accountsFile: string
  readonly validators: readonly ValidatorFolder[]
}

/**
 * Audits a stopped testnet from its files.
 * @throws ConfigError when the genesis or the account table cannot be used: then there is nothing to compare with.
 */
export async function auditTestnet(input: AuditInput): Promise<AuditReport> {
  const { genesisFile, accountsFile, validators, ...options } = input
  const genesis = parseGenesis(await readFile(genesisFile, 'utf8'), genesisFile)
  const { perShard, tableHash } = genesis.accounts
  const table = await loadAccountTable(accountsFile, tableHash)
  const committees = committeesOf(genesis)
  const facts = {
    networkId: networkIdOf(genesis),
    committees,
    outboxWindow: genesis.protocol.outboxWindow,
    payloadBytesMax: genesis.protocol.payloadBytesMax,
    balance: BigInt(balanceOf(genesis)),
    accounts: committees.map((_, shard) => accountsOfShard(table, perShard, shard)),
  }
  return await auditNetwork(facts, validators, options)
}
