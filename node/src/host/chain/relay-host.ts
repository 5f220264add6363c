import { performance } from 'node:perf_hooks'
import { Relay, type RelayOrder } from '../../core/crossshard/relay.ts'
import type { Ledger } from '../../core/ledger/ledger.ts'
import { encodePeerMessage } from '../../core/wire/peer-message.ts'
import type { PeerNetwork } from '../network/peer-network.ts'
import type { Execution } from './block-executor.ts'

const TICK_MS = 250
const RESEND_FIRST_MS = 1_000
const RESEND_MAX_MS = 8_000
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
    const { shard, shards, outboxWindow } = this.#ledger.parameters
    for (let destination = 0; destination < shards; destination++) {
      if (destination === shard) continue
      const sent = this.#ledger.pairAt(this.#ledger.height, destination)?.outSequence ?? 0
      this.#relay.onAcknowledged(
        destination,
        sent - (outboxWindow - this.#ledger.outboxRoomOf(destination)),
      )
    }
    this.#timer = setInterval(() => this.#push(this.#relay.onTick(performance.now())), TICK_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  /** A block was executed: what it acknowledges is over, and what its header shows can be proved to others. */
  onExecuted({ proposal, hash, certificate, imports }: Execution): void {
    for (const bundle of imports)
      this.#relay.onAcknowledged(bundle.header.shard, bundle.pair.inNext)
    if (certificate === null) return
    const { header } = proposal
    const pairs = this.#ledger.pairsAt(header.executed.height)
    this.#push(
      this.#relay.onCommitted({ header, hash, certificate, pairs, nowMs: performance.now() }),
    )
  }

  /** A bundle came that we took long ago: its sender missed our acknowledgement. */
  onRepeated(source: number): void {
    this.#push(this.#relay.onRepeated(source, performance.now()))
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
