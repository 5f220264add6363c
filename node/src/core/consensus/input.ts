import type { Hash } from '../primitives/hash.ts'
import type { Roots } from '../wire/block.ts'
import type { ImportBundle } from '../wire/import-bundle.ts'
import type { PeerMessage } from '../wire/peer-message.ts'

/** The replica's timers: the view's deadline, the re-send tick, and the moment at which a proposer that waited proposes. */
export type TimerName = 'view' | 'tick' | 'propose'

/** Verdict on bytes that the host checked off the consensus thread: a pure function of the bytes and the genesis. */
export type BatchVerdict = 'valid' | 'badBody' | 'badForm' | 'badSignature'

/** Everything that can happen to a replica. */
export type Input =
  | { readonly kind: 'start' }
  /** From a validator of our own shard; the channel proved the sender. */
  | { readonly kind: 'message'; readonly from: number; readonly message: PeerMessage }
  /** A bundle pushed by a validator of another shard; the channel proved the sender. */
  | { readonly kind: 'foreignImport'; readonly bundle: ImportBundle }
  | { readonly kind: 'timer'; readonly name: TimerName; readonly sequence: number }
  /** The persist with this id, and all before it, are on disk. */
  | { readonly kind: 'persisted'; readonly id: number }
  | { readonly kind: 'batchChecked'; readonly digest: Hash; readonly verdict: BatchVerdict }
  /** A body of checked client transactions that waits to become our next batch. */
  | {
      readonly kind: 'packed'
      readonly body: Uint8Array
      readonly bodyHash: Hash
      readonly count: number
    }
  /** The ledger executed the committed block of this height. */
  | {
      readonly kind: 'executed'
      readonly height: number
      readonly roots: Roots
    }
