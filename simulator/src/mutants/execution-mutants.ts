import type { Mutant } from './mutant.ts'

/** Bugs in the ledger, its proofs and its checkpoint. */
export const EXECUTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'nonce window off by one',
    edits: [
      {
        file: 'core/ledger/nonce-window.ts',
        find: "if (distance >= NONCE_WINDOW) return 'ahead'",
        replace: "if (distance > NONCE_WINDOW) return 'ahead'",
      },
    ],
  },
  {
    name: 'result taken from a transaction that had no effect',
    edits: [
      {
        file: 'core/ledger/transaction-executor.ts',
        find: "return judgement === 'used' ? resultCode.stale : resultCode.ahead",
        replace: "return judgement === 'used' ? resultCode.ok : resultCode.ahead",
      },
    ],
  },
  {
    name: 'a receipt redeemed twice',
    edits: [
      {
        file: 'core/ledger/ledger.ts',
        find: 'this.#executor.credit(arena.view, at + MESSAGE_PAYEE, amount)',
        replace:
          'this.#executor.credit(arena.view, at + MESSAGE_PAYEE, amount); if (i === 0) this.#executor.credit(arena.view, at + MESSAGE_PAYEE, amount)',
      },
    ],
  },
  {
    name: 'a shard left out of a proof',
    edits: [
      {
        file: 'core/ledger/pair-table.ts',
        find: 'if (pair !== null && pair !== last?.pairs[other])',
        replace: 'if (pair !== null && pair !== last?.pairs[other] && other > 0)',
      },
    ],
  },
  {
    name: 'an outbox message dropped before its acknowledgement',
    edits: [
      {
        file: 'core/ledger/ledger.ts',
        find: 'outbox.acknowledge(bundle.pair.inNext)',
        replace: 'outbox.acknowledge(outbox.outSequence)',
      },
    ],
  },
  {
    name: 'a cell compared by the length of its value',
    edits: [
      {
        file: 'core/ledger/cell-table.ts',
        find: 'if (this.values[start + i] !== bytes[offset + i]) return false',
        replace: 'if (this.values[start + i] === undefined) return false',
      },
    ],
  },
  {
    name: 'a cell made without its price',
    edits: [
      {
        file: 'core/ledger/cell-executor.ts',
        find: 'operation.feePaid < CELL_CREATION_FEE',
        replace: 'operation.feePaid < CELL_CREATION_FEE - 1',
      },
    ],
  },
  {
    name: 'a written cell that the state tree does not see',
    edits: [
      {
        file: 'core/ledger/cell-table.ts',
        find: 'this.touch(row)',
        replace: 'if (length !== 2) this.touch(row)',
      },
    ],
  },
  {
    name: 'a read that tells the value of the cell before',
    edits: [
      {
        file: 'core/ledger/cell-executor.ts',
        find: 'this.#reads.set(this.#cells.valueAt(row), at',
        replace: 'this.#reads.set(this.#cells.valueAt(0).slice(0, length), at',
      },
    ],
  },
  {
    name: 'a checkpoint that forgets the length of a cell',
    edits: [
      {
        file: 'core/ledger/checkpoint.ts',
        find: 'value: this.#cells.valueAt(row).slice()',
        replace: 'value: this.#cells.valueAt(row).slice(0, 1)',
      },
    ],
  },
  {
    name: 'a fee above the balance',
    edits: [
      {
        file: 'core/ledger/transaction-executor.ts',
        find: 'const paid = Math.min(fee, balance)',
        replace: 'const paid = fee',
      },
    ],
  },
  {
    name: 'the last coin cannot be spent',
    edits: [
      {
        file: 'core/ledger/transaction-executor.ts',
        find: 'if (total > balance) return resultCode.insufficient',
        replace: 'if (total >= balance) return resultCode.insufficient',
      },
    ],
  },
  {
    name: 'a credit that the state tree does not see',
    edits: [
      {
        file: 'core/ledger/transaction-executor.ts',
        find: 'balances[row] = (balances[row] ?? 0) + amount\n    this.#accounts.touch(row)',
        replace: 'balances[row] = (balances[row] ?? 0) + amount',
      },
    ],
  },
  {
    name: 'an outbox with one place too many',
    isRare: true,
    edits: [
      {
        file: 'core/ledger/transaction-executor.ts',
        find: 'if (needed > outbox.roomOf(this.#parameters.outboxWindow)) return false',
        replace: 'if (needed > outbox.roomOf(this.#parameters.outboxWindow) + 1) return false',
      },
    ],
  },
  {
    name: 'expiry one height early',
    isRare: true,
    edits: [
      {
        file: 'core/ledger/transaction-executor.ts',
        find: 'if (height > view.getUint32(offset + offsetOf.validUntil)) return resultCode.expired',
        replace:
          'if (height >= view.getUint32(offset + offsetOf.validUntil)) return resultCode.expired',
      },
    ],
  },
  {
    name: 'a checkpoint that forgets an account',
    edits: [
      {
        file: 'core/ledger/dirty-rows.ts',
        find: 'for (let i = 0; i < touchedCount; i++) {',
        replace: 'for (let i = 1; i < touchedCount; i++) {',
      },
    ],
  },
  {
    name: 'a checkpoint that forgets what was taken from a shard',
    edits: [
      {
        file: 'core/ledger/stored-state.ts',
        find: 'table.totalIn[other] = pair.totalIn',
        replace: '',
      },
    ],
  },
  {
    name: 'money that arrives is not counted as arrived',
    edits: [
      {
        file: 'core/ledger/ledger.ts',
        find: 'this.#pairs.totalIn[source] = (this.#pairs.totalIn[source] ?? 0) + total',
        replace: 'this.#pairs.totalIn[source] = this.#pairs.totalIn[source] ?? 0',
      },
    ],
  },
]
