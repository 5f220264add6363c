import { popularityOf, type Popularity } from './popularity.ts'
import { Random } from './random.ts'
import type { Workload } from './workload.ts'

/** The accounts that a workload may draw from. */
export interface AccountSpace {
  readonly shards: number
  readonly accountsPerShard: number
}

/** One transfer as drawn: who pays whom, before nonce, validity and signature. */
export interface Draft {
  readonly payerShard: number
  readonly payerIndex: number
  readonly payeeShard: number
  readonly payeeIndex: number
  readonly amount: number
  /** Chooses the payload's bytes. */
  readonly salt: number
}

const AMOUNT_MAX = 100

/** Draws the transfers of the profile `payments`: a function of workload, account space and how many came before. */
export class PaymentSource {
  readonly #space: AccountSpace
  readonly #crossShard: number
  readonly #random: Random
  readonly #popularity: Popularity

  constructor(workload: Workload, space: AccountSpace) {
    if (space.accountsPerShard < 2) throw new RangeError('a transfer needs two accounts in a shard')
    this.#space = space
    this.#crossShard = space.shards > 1 ? workload.crossShard : 0
    this.#random = new Random(workload.seed, 'payments')
    this.#popularity = popularityOf(workload.accounts, space.accountsPerShard)
  }

  next(): Draft {
    const random = this.#random
    const { shards, accountsPerShard } = this.#space
    const payerShard = random.below(shards)
    const payerIndex = this.#popularity(random)
    const crosses = random.unit() < this.#crossShard
    const payeeShard = crosses ? (payerShard + 1 + random.below(shards - 1)) % shards : payerShard
    let payeeIndex = this.#popularity(random)
    // Paying oneself moves nothing: the neighbour is paid instead.
    if (!crosses && payeeIndex === payerIndex) payeeIndex = (payeeIndex + 1) % accountsPerShard
    const amount = 1 + random.below(AMOUNT_MAX)
    return { payerShard, payerIndex, payeeShard, payeeIndex, amount, salt: random.u32() }
  }
}
