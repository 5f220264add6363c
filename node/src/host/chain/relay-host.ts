import { performance } from 'node:perf_hooks'
import type { Ledger } from '../../core/ledger/ledger.ts'
import type { ImportBundle } from '../../core/wire/import-bundle.ts'
import type { PeerNetwork } from '../network/peer-network.ts'
import type { Execution } from './block-executor.ts'
import { RelayPusher, type RelaySeat } from './relay-pusher.ts'

const TICK_MS = 250

/** The relay on the network, with its timer. */
export class RelayHost {
  readonly #pusher: RelayPusher
  #timer: NodeJS.Timeout | null = null

  constructor(ledger: Ledger, network: PeerNetwork, seat: RelaySeat) {
    this.#pusher = new RelayPusher(ledger, seat, {
      nowMs: () => performance.now(),
      push: (shard, validator, frame) => network.send({ shard, validator }, 'crossshard', frame),
    })
  }

  start(): void {
    this.#pusher.start()
    this.#timer = setInterval(() => this.#pusher.tick(), TICK_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  onExecuted(execution: Execution): void {
    this.#pusher.onExecuted(execution)
  }

  onBundle(bundle: ImportBundle): void {
    this.#pusher.onBundle(bundle)
  }
}
