import type { TransactionProof } from '../../client/proof.ts'
import type { RefusalCode } from '../../client/refusal-code.ts'
import type { AccountProof } from '../../core/ledger/account-proof.ts'
import type { CellProof } from '../../core/ledger/cell-proof.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import type { Certificate } from '../../core/wire/certificate.ts'
import type { Proposal } from '../../core/wire/proposal.ts'
import type { ResultCode } from '../../core/wire/result-code.ts'
import type { LiveReading } from '../live/live-view.ts'
import type { Json } from './json.ts'

/** What never changes while a validator runs. */
export interface ValidatorIdentity {
  readonly networkId: Hash
  readonly shard: number
  readonly validator: number
  readonly shards: number
  readonly validatorsPerShard: number
  readonly softwareVersion: string
}

/** Where the validator stands. */
export interface ValidatorStatus {
  readonly view: number
  readonly committedHeight: number
  readonly executedHeight: number
  /** Null when ready to serve; else what is still missing, for people (`/readyz` is 503 with it). */
  readonly notReady: string | null
}

/** One committed and executed block, as subscribers get it. */
export interface CommitNotice {
  readonly height: number
  readonly blockHash: Hash
  /** Canonical CommitEvent. */
  readonly event: Uint8Array
  /** SHA-256 of `event`. */
  readonly digest: Hash
}

/** A block got its prepare certificate: soft, may still be skipped. */
export interface PreparedNotice {
  readonly height: number
  readonly view: number
  readonly blockHash: Hash
}

/** Hears what became of submitted transactions, in any order and at any later time. Calls must be cheap and never throw. */
export interface SubmitListener {
  onRefused(reference: number, code: RefusalCode): void
  /** References firstReference .. firstReference + count - 1 are durable in this validator's log. */
  onAcknowledged(firstReference: number, count: number): void
}

/** Transactions of one client. Each gets exactly one of onRefused and onAcknowledged when the answer is 'taken'. */
export interface Submission {
  /** `count` whole transactions back to back, cut by their own length fields; the array belongs to the door from here on. */
  readonly bytes: Uint8Array
  readonly count: number
  /** The i-th is known as (firstReference + i) mod 2^32. */
  readonly firstReference: number
  readonly listener: SubmitListener
}

/** Whether a submission was queued as a whole; when 'full' nothing of it was and nothing will be reported. */
export type SubmitAnswer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'full'; readonly retryAfterMs: number }

/** An account at an executed height. */
export interface AccountAnswer {
  readonly height: number
  readonly balance: bigint
  readonly nonceBase: number
  readonly nonceBitmap: bigint
  /** Proof of presence under the state root of `height`; null when not asked for. */
  readonly proof: AccountProof | null
}

/** A cell at an executed height. */
export interface CellAnswer {
  readonly height: number
  /** Empty when there is no such cell. */
  readonly value: Uint8Array
  /** Proof of the value or absence under the state root of `height`; null when not asked for. */
  readonly proof: CellProof | null
}

/** What became of a transaction, as far as this validator remembers. */
export type TransactionAnswer =
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'executed'
      readonly height: number
      readonly blockHash: Hash
      readonly result: ResultCode
      /** What a `get` that ended OK read, empty when there was no such cell; null for every other transaction. */
      readonly read: Uint8Array | null
      /** For anybody who knows the committee; null when no header shows the result yet. */
      readonly receipt: TransactionProof | null
    }

export interface BlockAnswer {
  readonly hash: Hash
  readonly proposal: Proposal
  /** Its own commit certificate; null while only a descendant's proves it. */
  readonly certificate: Certificate | null
}

/** One other validator as this one sees it. */
export interface PeerAnswer {
  readonly shard: number
  readonly validator: number
  readonly address: string | null
  readonly isConnected: boolean
  readonly queuedBytes: number
  readonly lastError: string | null
}

/** Ends a subscription; calling it twice is harmless. */
export type Unsubscribe = () => void

/** Everything that the RPC server asks of the validator. Lookups answer null for what does not exist. */
export interface ValidatorDoor {
  readonly identity: ValidatorIdentity
  status(): ValidatorStatus
  submit(submission: Submission): SubmitAnswer
  /** `address` has 32 bytes. */
  account(address: Uint8Array, withProof: boolean): Promise<AccountAnswer | null>
  /** `key` has 32 bytes; null when it is of another shard. This validator's word at this moment: a `get` reads in order. */
  cell(key: Uint8Array, withProof: boolean): Promise<CellAnswer | null>
  transaction(id: Hash): Promise<TransactionAnswer | null>
  block(height: number): Promise<BlockAnswer | null>
  certificate(height: number): Promise<Certificate | null>
  peers(): readonly PeerAnswer[]
  /** What the live page shows. */
  live(): LiveReading
  /** Genesis parameters that people ask for. */
  networkParameters(): Json
  /** Notices from a height on that are still in memory, ascending and without a gap between them. */
  events(fromHeight: number): readonly CommitNotice[]
  event(height: number): CommitNotice | null
  /** In order of height, without a gap. */
  subscribeCommits(listener: (notice: CommitNotice) => void): Unsubscribe
  subscribePrepared(listener: (notice: PreparedNotice) => void): Unsubscribe
}
