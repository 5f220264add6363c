import { arenaOf } from '../wire/transaction.ts'
import type { Account } from './account-leaf.ts'
import type { AccountProof } from './account-proof.ts'
import type { AccountRow, AccountTable } from './account-table.ts'
import type { CellProof } from './cell-proof.ts'
import type { CellTree } from './cell-tree.ts'
import { bitOf, type KeyBranch } from './key-walk.ts'
import type { StateTree } from './state-tree.ts'
import type { ExecutedState } from './transaction-executor.ts'

/** Makes proofs of what the state says about keys of its own shard, under the root over both of its trees. */
export class StateProver {
  readonly #state: ExecutedState
  readonly #tree: StateTree
  readonly #cellTree: CellTree

  constructor(state: ExecutedState, tree: StateTree, cellTree: CellTree) {
    this.#state = state
    this.#tree = tree
    this.#cellTree = cellTree
  }

  proveAccount(address: Uint8Array): AccountProof {
    const { accounts } = this.#state
    const slot = arenaOf(address).view.getUint16(0)
    const head = this.#tree.headOf(slot)
    const rest = { slotPath: this.#tree.slotPath(slot), cellsRoot: this.#cellTree.root() }
    if (head === 0) return { address, found: null, branches: [], ...rest }
    const branches: KeyBranch[] = []
    const { tries } = this.#tree
    const row = tries.leafTowards(
      head,
      (bit) => bitOf(address, bit),
      ({ bit, sibling }) => branches.push({ bit, sibling: tries.childHashOf(sibling) }),
    )
    const found = { address: accounts.keyOf(row), account: accountAt(accounts, row) }
    return { address, found, branches, ...rest }
  }

  proveCell(key: Uint8Array): CellProof {
    const { cells } = this.#state
    const accountsRoot = this.#tree.root()
    const end = this.#cellTree.walk(key)
    if (end === null) return { key, found: null, branches: [], accountsRoot }
    const { row, branches } = end
    const found = { key: cells.keyOf(row), value: cells.valueAt(row).slice() }
    return { key, found, branches, accountsRoot }
  }
}

/** The account at a row as doors and proofs show it. */
export function accountAt(accounts: AccountTable, row: AccountRow): Account {
  const { balances, nonceBases, nonceLows, nonceHighs } = accounts
  return {
    balance: BigInt(balances[row] ?? 0),
    nonceBase: nonceBases[row] ?? 0,
    nonceBitmap: (BigInt(nonceHighs[row] ?? 0) << 32n) | BigInt(nonceLows[row] ?? 0),
  }
}
