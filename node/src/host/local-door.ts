import { must } from '../core/errors.ts'
import type { Hash } from '../core/primitives/hash.ts'
import type { Replica } from '../core/consensus/replica.ts'
import type { Ledger } from '../core/ledger/ledger.ts'
import type { Certificate } from '../core/wire/certificate.ts'
import type { TransactionDoor } from './batches/transaction-door.ts'
import type { ChainIndex } from './chain/chain-index.ts'
import type { ChainReader } from './chain/chain-reader.ts'
import type { ReceiptBook } from './chain/receipt-book.ts'
import type { LiveBook } from './live/live-book.ts'
import type { LiveReading } from './live/live-view.ts'
import type { PeerNetwork } from './network/peer-network.ts'
import type { CommitRing } from './rpc/commit-ring.ts'
import type { Json } from './rpc/json.ts'
import type {
  AccountAnswer,
  BlockAnswer,
  CellAnswer,
  CommitNotice,
  PeerAnswer,
  PreparedNotice,
  Submission,
  SubmitAnswer,
  TransactionAnswer,
  Unsubscribe,
  ValidatorDoor,
  ValidatorIdentity,
  ValidatorStatus,
} from './rpc/validator-door.ts'

/** What the door reads from. */
export interface LocalDoorParts {
  readonly identity: ValidatorIdentity
  readonly replica: Replica
  readonly ledger: Ledger
  readonly network: PeerNetwork
  readonly index: ChainIndex
  readonly reader: ChainReader
  readonly receipts: ReceiptBook
  readonly ring: CommitRing
  readonly live: LiveBook
  readonly transactions: TransactionDoor
  readonly parameters: Json
}

/** Heights that a validator may lag behind its own committed tip and still call itself ready. */
const READY_LAG_MAX = 8

/** The validator as the RPC server sees it. */
export class LocalDoor implements ValidatorDoor {
  readonly #parts: LocalDoorParts
  readonly #preparedListeners = new Set<(notice: PreparedNotice) => void>()

  constructor(parts: LocalDoorParts) {
    this.#parts = parts
  }

  get identity(): ValidatorIdentity {
    return this.#parts.identity
  }

  status(): ValidatorStatus {
    const { replica, ledger } = this.#parts
    return {
      view: replica.view,
      committedHeight: replica.tip.height,
      executedHeight: ledger.height,
      notReady: this.#notReady(),
    }
  }

  submit(submission: Submission): SubmitAnswer {
    return this.#parts.transactions.submit(submission)
  }

  async account(address: Uint8Array, withProof: boolean): Promise<AccountAnswer | null> {
    const { ledger } = this.#parts
    const account = ledger.accountOf(address)
    return account === null
      ? null
      : {
          height: ledger.height,
          ...account,
          proof: withProof ? ledger.proveAccount(address) : null,
        }
  }

  async cell(key: Uint8Array, withProof: boolean): Promise<CellAnswer | null> {
    const { ledger } = this.#parts
    const value = ledger.cellOf(key)
    return value === null
      ? null
      : { height: ledger.height, value, proof: withProof ? ledger.proveCell(key) : null }
  }

  transaction(id: Hash): Promise<TransactionAnswer | null> {
    return this.#parts.receipts.answerFor(id)
  }

  async block(height: number): Promise<BlockAnswer | null> {
    const { index, reader } = this.#parts
    const hash = index.hashAt(height)
    if (hash === undefined) return null
    const proposal = must(await reader.proposal(hash), 'a final block is in the log')
    return { hash, proposal, certificate: await reader.commitCertificate(hash) }
  }

  async certificate(height: number): Promise<Certificate | null> {
    const { index, reader } = this.#parts
    const hash: Hash | undefined = index.hashAt(height)
    return hash === undefined ? null : reader.commitCertificate(hash)
  }

  peers(): readonly PeerAnswer[] {
    return this.#parts.network
      .peers()
      .map(({ shard, validator, address, isConnected, queuedBytes, lastError }) => {
        return { shard, validator, address, isConnected, queuedBytes, lastError }
      })
  }

  networkParameters(): Json {
    return this.#parts.parameters
  }

  live(): LiveReading {
    const { identity, ledger, live } = this.#parts
    const { outboxWindow } = ledger.parameters
    const others = Array.from({ length: identity.shards }, (_, shard) => shard).filter(
      (shard) => shard !== identity.shard,
    )
    return {
      identity,
      status: this.status(),
      timeMs: Date.now(),
      record: live.record,
      peers: this.peers(),
      outboxes: others.map((shard) => {
        return { shard, inFlight: outboxWindow - ledger.outboxRoomOf(shard) }
      }),
    }
  }

  events(fromHeight: number): readonly CommitNotice[] {
    return this.#parts.ring.from(fromHeight)
  }

  event(height: number): CommitNotice | null {
    return this.#parts.ring.at(height)
  }

  subscribeCommits(listener: (notice: CommitNotice) => void): Unsubscribe {
    return this.#parts.ring.subscribe(listener)
  }

  subscribePrepared(listener: (notice: PreparedNotice) => void): Unsubscribe {
    this.#preparedListeners.add(listener)
    return () => void this.#preparedListeners.delete(listener)
  }

  /** A block got its prepare certificate. */
  announcePrepared(notice: PreparedNotice): void {
    for (const listener of this.#preparedListeners) listener(notice)
  }

  #notReady(): string | null {
    const { identity, network, replica, ledger } = this.#parts
    const peers = network
      .peers()
      .filter(({ shard, isConnected }) => shard === identity.shard && isConnected).length
    const needed = replica.parameters.quorum - 1
    if (peers < needed) return `connected to ${peers} of the ${needed} peers that a quorum needs`
    const lag = replica.tip.height - ledger.height
    return lag > READY_LAG_MAX ? `executing: ${lag} blocks behind the committed tip` : null
  }
}
