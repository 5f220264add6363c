import { performance } from 'node:perf_hooks'
import { Relay, type RelayOrder } from '../../core/crossshard/relay.ts'
import type { Ledger } from '../../core/ledger/ledger.ts'
import type { ImportBundle } from '../../core/wire/import-bundle.ts'
import { encodePeerMessage } from '../../core/wire/peer-message.ts'
import type { PeerNetwork } from '../network/peer-network.ts'
import type { Execution } from './block-executor.ts'

const TICK_MS = 250
/** An acknowledgement takes a block there, its own timer, and a block here. */
const RESEND_FIRST_MS = 3_000
const RESEND_MAX_MS = 12_000
const ACKNOWLEDGE_MS = 1_000

/** Carries out what the relay decides: makes bundles from the ledger and pushes them to other shards. */
export class RelayHost {
  readonly #ledger: Ledger
  readonly #network: PeerNetwork
  readonly #relay: Relay
  #timer: NodeJS.Timeout | null = null

  constructor(
    ledger: Ledger,
    network: PeerNetwork,
    seat: { readonly validator: number; readonly committeeSizes: readonly number[] },
  ) {
    this.#ledger = ledger
    this.#network = network
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
    this.#timer = setInterval(() => this.#push(this.#relay.onTick(performance.now())), TICK_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  /** A block was executed: what it acknowledges is over, and what its header shows can be proved to others. */
  onExecuted({ proposal, hash, certificate, imports }: Execution): void {
    for (const { header } of imports)
      this.#relay.onAcknowledged(header.shard, this.#ledger.acknowledgedOf(header.shard))
    if (certificate === null) return
    const { header } = proposal
    const pairs = this.#ledger.pairsAt(header.executed.height)
    this.#push(
      this.#relay.onCommitted({ header, hash, certificate, pairs, nowMs: performance.now() }),
    )
  }

  /** A bundle came from another shard; if we took some of it long ago, its sender missed our acknowledgement. */
  onBundle({ header, first, count, pair }: ImportBundle): void {
    const inNext = this.#ledger.pairAt(this.#ledger.height, header.shard)?.inNext ?? 0
    if (count > 0 && first < inNext)
      this.#push(this.#relay.onRepeated(header.shard, performance.now(), pair.inNext))
  }

  #push(orders: readonly RelayOrder[]): void {
    for (const {
      destination,
      validators,
      exposedHeight,
      first,
      countMax,
      header,
      certificate,
    } of orders) {
      const range = this.#ledger.bundleRange(exposedHeight, destination, first, countMax)
      if (range === null) continue
      const frame = encodePeerMessage({
        kind: 'import',
        bundle: { ...range, header, certificate, destination },
      })
      for (const validator of validators)
        this.#network.send({ shard: destination, validator }, 'crossshard', frame)
    }
  }
}
