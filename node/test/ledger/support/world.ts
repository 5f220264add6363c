import { createHash } from 'node:crypto'
import { Ledger } from '../../../src/core/ledger/ledger.ts'
import type {
  CommittedBatch,
  CommittedBlock,
  ExecutedBlock,
} from '../../../src/core/ledger/executed-block.ts'
import type { LedgerParameters } from '../../../src/core/ledger/ledger-parameters.ts'
import { hexOf, joinBytes } from '../../../src/core/primitives/bytes.ts'
import { hashOfBytes, ZERO_HASH, type Hash } from '../../../src/core/primitives/hash.ts'
import type { BlockHeader } from '../../../src/core/wire/block.ts'
import { encodeCellTransaction, type CellOperation } from '../../../src/core/wire/cell-operation.ts'
import { readsIn } from '../../../src/core/wire/cell-reads.ts'
import { slotRangeOf } from '../../../src/core/wire/committee.ts'
import type { ImportBundle } from '../../../src/core/wire/import-bundle.ts'
import { resultNameOf, type ResultName } from '../../../src/core/wire/result-code.ts'
import { addressOf, encodeTransfer } from '../../../src/core/wire/transaction.ts'

/** Deterministic bytes from a text. */
export function seeded(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest())
}

export const NETWORK: Hash = hashOfBytes(seeded('network'))

/** An account that tests name by shard and index; nobody checks signatures in here. */
export interface TestAccount {
  readonly shard: number
  readonly slot: number
  readonly key: Uint8Array
  readonly address: Uint8Array
}

/** Account `index` of a shard. `spread` is how many slots the shard's accounts use: few make full slots. */
export function testAccount(shard: number, shards: number, index: number, spread = 4): TestAccount {
  const slots = slotRangeOf(shard, shards)
  const slot = slots.first + (index % Math.min(spread, slots.end - slots.first))
  const key = seeded(`key ${shard} ${index}`)
  return { shard, slot, key, address: addressOf(slot, key) }
}

/** What transactions of all kinds have. */
interface TestHeader {
  readonly from: TestAccount
  readonly nonce?: number
  readonly validUntil?: number
  readonly fee?: number
  /** Distinguishes tags. */
  readonly salt?: number
}
export interface TestTransfer extends TestHeader {
  readonly to: readonly { readonly address: Uint8Array; readonly amount: number }[]
}
export interface TestCellTransaction extends TestHeader {
  readonly operation: CellOperation
}
export type TestTransaction = TestTransfer | TestCellTransaction

/** Bytes of a transaction with a made-up signature, whose first 8 bytes are the tag. */
function transactionBytes(transaction: TestTransaction): Uint8Array {
  const header = {
    networkId: NETWORK,
    payerSlot: transaction.from.slot,
    payerKey: transaction.from.key,
    nonce: transaction.nonce ?? 0,
    validUntil: transaction.validUntil ?? 1_000_000,
    fee: transaction.fee ?? 0,
    payload: new Uint8Array(0),
  }
  const bytes =
    'to' in transaction
      ? encodeTransfer({ ...header, payees: transaction.to })
      : encodeCellTransaction({ ...header, operation: transaction.operation })
  bytes.set(tagOf(transaction), bytes.length - 64)
  return bytes
}

export function tagOf({ from, nonce = 0, salt = 0 }: TestTransaction): Uint8Array {
  return seeded(`tag ${hexOf(from.key)} ${nonce} ${salt}`).subarray(0, 8)
}

/** A batch with a digest made of its bytes. */
export function batchOf(
  transactions: readonly TestTransaction[],
  author = 0,
  sequence = 1,
): CommittedBatch {
  const body = joinBytes(transactions.map(transactionBytes))
  return {
    author,
    sequence,
    digest: hashOfBytes(seeded(`${author} ${sequence} ${hexOf(body)}`)),
    body,
  }
}

/** The next block of a ledger. */
export function blockOf(
  ledger: Ledger,
  parts: Partial<Pick<CommittedBlock, 'imports' | 'batches'>>,
): CommittedBlock {
  const height = ledger.height + 1
  const hash = hashOfBytes(seeded(`block ${ledger.parameters.shard} ${height}`))
  return { height, view: height, hash, timeMs: height * 1000, imports: [], batches: [], ...parts }
}

/** Executes one batch as the next block. */
export function executeTransfers(
  ledger: Ledger,
  transactions: readonly TestTransaction[],
): ExecutedBlock {
  return ledger.executeBlock(blockOf(ledger, { batches: [batchOf(transactions)] }))
}

/** What a block's gets read, batch after batch: position in the batch and value as hexadecimal text. */
export function readsOf(executed: ExecutedBlock): [position: number, value: string][] {
  return executed.event.batches.flatMap(({ reads }) =>
    Array.from(readsIn(reads), ({ position, value }): [number, string] => [position, hexOf(value)]),
  )
}

/** Result names of a block's transactions, batch after batch. */
export function resultsOf(executed: ExecutedBlock): ResultName[] {
  return executed.event.batches.flatMap((batch) => Array.from(batch.results, resultNameOf))
}

export function parametersOf(shard: number, shards: number, outboxWindow = 64): LedgerParameters {
  return { networkId: NETWORK, shard, shards, outboxWindow }
}

/** A shard's ledger with `count` accounts. */
export function genesisLedger(shard: number, shards: number, options: GenesisOptions = {}): Ledger {
  const { count = 8, balance = 1000, window = 64, spread = 4, reversed = false } = options
  const rows = Array.from({ length: count }, (_, i) => testAccount(shard, shards, i, spread))
  if (reversed) rows.reverse()
  const table = joinBytes(rows.map(({ key, address }) => joinBytes([key, address])))
  return Ledger.genesis(parametersOf(shard, shards, window), table, balance)
}

export interface GenesisOptions {
  readonly count?: number
  readonly balance?: number
  readonly window?: number
  readonly spread?: number
  readonly reversed?: boolean
}

/** A header that exposes what the ledger executed at `height`; only what bundles need is meaningful. */
export function headerOf(ledger: Ledger, height: number, roots = ledger.roots): BlockHeader {
  return {
    context: ZERO_HASH,
    shard: ledger.parameters.shard,
    epoch: 0,
    view: height + 2,
    height: height + 2,
    parentHash: ZERO_HASH,
    parentView: height + 1,
    proposer: 0,
    timeMs: height * 1000,
    executed: { height, roots },
    lastCommitted: { view: height, hash: ZERO_HASH },
    bodyRoot: ZERO_HASH,
  }
}

/** A bundle of a source ledger's messages as of its newest height, with an empty certificate: for execution only. */
export function bundleOf(
  source: Ledger,
  destination: number,
  first: number,
  countMax = 4096,
): ImportBundle {
  const range = source.bundleRange(source.height, destination, first, countMax)
  if (range === null) throw new Error(`no bundle from ${first}`)
  const certificate = {
    kind: 'commit',
    view: 1,
    value: ZERO_HASH,
    signers: new Uint8Array(1),
    signature: new Uint8Array(96),
  } as const
  return { header: headerOf(source, source.height), certificate, destination, ...range }
}
