import type { LedgerClient } from './ledger-client.ts'
import type { Draws } from './random.ts'
import { Payer, type SigningNetwork } from './signer.ts'

/** How transfers are made. */
export interface TransferLoadOptions {
  readonly client: LedgerClient
  readonly network: SigningNetwork
  readonly shards: number
  readonly draws: Draws
  /** Transactions per second over all shards. */
  readonly rate: number
  /** Share of transfers that go to another shard. */
  readonly crossShard: number
}

interface PayerState {
  readonly payer: Payer
  /** Nonces of transactions that are not committed; the account's window begins at the least. */
  readonly open: Set<number>
  next: number
}

/** Accounts of each shard that pay transfers, from the first. */
export const TRANSFER_PAYERS = 96
/** Of the 64 nonces of a window; the rest is for those that come back late. */
const NONCES_AHEAD_MAX = 40
const IN_FLIGHT_MAX = 24
const VALID_FOR_HEIGHTS = 9_000
const TICK_MS = 25

/** Transfers of one token at a steady rate, as far as the payers' nonce windows let them. */
export class TransferLoad {
  readonly #options: TransferLoadOptions
  readonly #payers: readonly PayerState[]
  #timer: NodeJS.Timeout | null = null
  #lastMs = 0
  #credit = 0

  constructor(options: TransferLoadOptions) {
    const { network, shards } = options
    this.#options = options
    this.#payers = Array.from({ length: shards }, (_, shard) =>
      Array.from({ length: TRANSFER_PAYERS }, (_payer, index) => ({
        payer: new Payer(network, shard, index),
        open: new Set<number>(),
        next: 0,
      })),
    ).flat()
  }

  start(): void {
    this.#lastMs = performance.now()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  #tick(): void {
    const { rate } = this.#options
    const nowMs = performance.now()
    // What could not be sent in a second is not made up for.
    this.#credit = Math.min(rate, this.#credit + ((nowMs - this.#lastMs) * rate) / 1_000)
    this.#lastMs = nowMs
    for (; this.#credit >= 1; this.#credit--) this.#create()
  }

  #create(): void {
    const { client, draws, shards, crossShard } = this.#options
    const state = this.#payers[draws.whole(0, this.#payers.length - 1)]
    if (state === undefined || !hasRoom(state)) return
    const { payer } = state
    const isCrossShard = shards > 1 && draws.fraction() < crossShard
    const shift = isCrossShard ? draws.whole(1, shards - 1) : 0
    const payeeShard = (payer.shard + shift) % shards
    const payee = this.#payers[payeeShard * TRANSFER_PAYERS + draws.whole(0, TRANSFER_PAYERS - 1)]
    if (payee === undefined) return
    const validUntil = client.heightOf(payer.shard) + VALID_FOR_HEIGHTS
    const nonce = state.next++
    state.open.add(nonce)
    client.submit(payer.shard, payer.transfer(payee.payer.address, validUntil), () => {
      state.open.delete(nonce)
    })
  }
}

function hasRoom({ open, next }: PayerState): boolean {
  if (open.size >= IN_FLIGHT_MAX) return false
  return open.size === 0 || next - Math.min(...open) < NONCES_AHEAD_MAX
}
