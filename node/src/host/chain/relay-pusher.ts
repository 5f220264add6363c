import { Relay, type RelayOrder } from '../../core/crossshard/relay.ts'
import type { Ledger } from '../../core/ledger/ledger.ts'
import type { ImportBundle } from '../../core/wire/import-bundle.ts'
import { encodePeerMessage } from '../../core/wire/peer-message.ts'
import type { Execution } from './block-executor.ts'

/** An acknowledgement takes a block there, its own timer, and a block here. */
const RESEND_FIRST_MS = 3_000
const RESEND_MAX_MS = 12_000
const ACKNOWLEDGE_MS = 1_000

/** The world as the relay needs it. */
export interface RelayPorts {
  /** Monotonic milliseconds. */
  nowMs(): number
  /** To a validator of another shard. */
  push(shard: number, validator: number, frame: Uint8Array): void
}

/** Who relays, among how many. */
export interface RelaySeat {
  readonly validator: number
  /** By shard. */
  readonly committeeSizes: readonly number[]
}

/** Carries out what the relay decides: makes bundles from the ledger and pushes them to other shards. */
export class RelayPusher {
  readonly #ledger: Ledger
  readonly #ports: RelayPorts
  readonly #relay: Relay

  constructor(ledger: Ledger, seat: RelaySeat, ports: RelayPorts) {
    this.#ledger = ledger
    this.#ports = ports
    this.#relay = new Relay({
      shard: ledger.parameters.shard,
      outboxWindow: ledger.parameters.outboxWindow,
      resendFirstMs: RESEND_FIRST_MS,
      resendMaxMs: RESEND_MAX_MS,
      acknowledgeMs: ACKNOWLEDGE_MS,
      ...seat,
    })
  }

  /** Starts from what the restored ledger knows to be acknowledged. */
  start(): void {
    const { shard, shards } = this.#ledger.parameters
    for (let destination = 0; destination < shards; destination++) {
      if (destination !== shard)
        this.#relay.onAcknowledged(destination, this.#ledger.acknowledgedOf(destination))
    }
  }

  /** To be called a few times a second. */
  tick(): void {
    this.#push(this.#relay.onTick(this.#ports.nowMs()))
  }

  /** A block was executed: what it acknowledges is over, and what its header shows can be proved to others. */
  onExecuted({
    proposal,
    hash,
    certificate,
    imports,
  }: Pick<Execution, 'proposal' | 'hash' | 'certificate' | 'imports'>): void {
    for (const { header } of imports)
      this.#relay.onAcknowledged(header.shard, this.#ledger.acknowledgedOf(header.shard))
    if (certificate === null) return
    const { header } = proposal
    const pairs = this.#ledger.pairsAt(header.executed.height)
    const nowMs = this.#ports.nowMs()
    this.#push(this.#relay.onCommitted({ header, hash, certificate, pairs, nowMs }))
  }

  /** A bundle came from another shard; if we took some of it long ago, its sender missed our acknowledgement. */
  onBundle({ header, first, count, pair }: ImportBundle): void {
    const inNext = this.#ledger.pairAt(this.#ledger.height, header.shard)?.inNext ?? 0
    if (count > 0 && first < inNext)
      this.#push(this.#relay.onRepeated(header.shard, this.#ports.nowMs(), pair.inNext))
  }

  #push(orders: readonly RelayOrder[]): void {
    for (const order of orders) {
      const { destination, validators, exposedHeight, first, countMax, header, certificate } = order
      const range = this.#ledger.bundleRange(exposedHeight, destination, first, countMax)
      if (range === null) continue
      const frame = encodePeerMessage({
        kind: 'import',
        bundle: { ...range, header, certificate, destination },
      })
      for (const validator of validators) this.#ports.push(destination, validator, frame)
    }
  }
}
