import type { Hash } from '../primitives/hash.ts'
import type { BlockHeader } from '../wire/block.ts'
import type { SignedBatchHeader } from '../wire/batch.ts'
import type { Certificate } from '../wire/certificate.ts'
import type { LogRecord } from '../wire/log-record.ts'
import type { PeerMessage } from '../wire/peer-message.ts'
import type { Proposal } from '../wire/proposal.ts'
import type { TimerName } from './input.ts'

/** Queue of its own for each purpose, so that a flood of one never starves another. */
export type Purpose = 'consensus' | 'data' | 'sync'

/**
 * What the replica wants done, in order. A `send` follows its `persist` through the `persisted` input:
 * the replica itself emits it only then, so the host never has to hold anything back.
 */
export type Effect =
  /** Append to the log as one group or part of one; answer with `persisted` once it is synced. Ids ascend. */
  | { readonly kind: 'persist'; readonly id: number; readonly records: readonly LogRecord[] }
  /** To the other members of our committee; 'all' leaves ourselves out. */
  | {
      readonly kind: 'send'
      readonly to: 'all' | readonly number[]
      readonly purpose: Purpose
      readonly message: PeerMessage
    }
  /** Check the bytes off this thread and answer with `batchChecked`. */
  | {
      readonly kind: 'checkBatch'
      readonly signed: SignedBatchHeader
      readonly digest: Hash
      readonly body: Uint8Array
    }
  /** Replaces the timer of that name; the input carries the same sequence. */
  | {
      readonly kind: 'setTimer'
      readonly name: TimerName
      readonly sequence: number
      readonly delayMs: number
    }
  /** The block is final. Heights come in order without a gap; everything it names is in our log. */
  | {
      readonly kind: 'commit'
      readonly hash: Hash
      readonly proposal: Proposal
      readonly certificate: Certificate | null
    }
  /** A block got its prepare certificate: soft, may still be skipped. */
  | { readonly kind: 'prepared'; readonly header: BlockHeader; readonly hash: Hash }
  /** Answer a peer from the log: the bytes of a batch, an import, a proposal, or committed blocks. */
  | { readonly kind: 'serve'; readonly to: number; readonly request: ServeRequest }
  /** Our own batch is durable: its transactions may be acknowledged. */
  | { readonly kind: 'batchLogged'; readonly sequence: number; readonly digest: Hash }
  /** More than f members are faulty, or our kernel disagrees with a certificate: stop the process and keep the evidence. */
  | {
      readonly kind: 'halt'
      readonly reason: string
      readonly certificates: readonly Certificate[]
    }
  | { readonly kind: 'note'; readonly note: Note }

/** What a peer may ask of our log. */
export type ServeRequest =
  | { readonly kind: 'batch'; readonly digest: Hash }
  | { readonly kind: 'import'; readonly digest: Hash }
  | { readonly kind: 'proposal'; readonly hash: Hash }
  | { readonly kind: 'blocks'; readonly fromHeight: number }

/** For metrics and logs; nothing depends on them. */
export type Note =
  | {
      readonly kind: 'enteredView'
      readonly view: number
      readonly reason: 'start' | 'prepare' | 'skip' | 'commit'
    }
  | { readonly kind: 'skipped'; readonly view: number; readonly proposer: number }
  | {
      readonly kind: 'refused'
      readonly from: number
      readonly message: PeerMessage['kind'] | 'foreignImport'
      readonly code: string
    }
  | { readonly kind: 'evidence'; readonly validator: number; readonly view: number }
  | { readonly kind: 'vote'; readonly vote: 'prepare' | 'commit' | 'skip'; readonly view: number }
