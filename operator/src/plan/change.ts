import type { Problem } from '@shardnet/node/config'
import type { Testnet } from '../api/testnet.ts'

/** What may not change on a testnet that exists; the same rules stand in the kind's CEL for the API server. */
export function problemsOfChange(before: Testnet, after: Testnet): readonly Problem[] {
  const fields = ['seed', 'accountsPerShard', 'balance'] as const
  return fields.flatMap((field) => {
    const was = before.spec.genesis[field]
    const is = after.spec.genesis[field]
    if (was === is) return []
    const expected = `${JSON.stringify(was)}: the genesis of a testnet that exists cannot change`
    return [{ path: `spec.genesis.${field}`, expected, got: JSON.stringify(is) }]
  })
}

/** Whether a change starts a new, empty generation of the network, and so discards its ledger. */
export function discardsLedger(before: Testnet, after: Testnet): boolean {
  const fields = ['shards', 'validatorsPerShard', 'protocol', 'placement'] as const
  return fields.some(
    (field) => JSON.stringify(before.spec[field]) !== JSON.stringify(after.spec[field]),
  )
}
