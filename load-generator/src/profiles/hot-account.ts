import { Random } from '../random.ts'
import { accountsField, crossShardField, shareField } from './fields.ts'
import { PaymentSource } from './payments.ts'
import { profileOf, type Draft, type DraftSource, type SourceContext } from './profile.ts'

/** Bids go up to here and begin anew: accounts last longer than a game. */
const BID_MAX = 1_000

/**
 * A last-bidder game as they were the rage of 2018: whoever bid last when time runs out takes the pot, so everybody pays
 * into one account, each a little more than the last. The writes meet in one balance of one shard, from all shards.
 */
export const hotAccount = profileOf({
  summary: 'a last-bidder game: one account is paid by most transactions',
  fields: {
    hotShare: shareField('80%', 'Share of transactions that are bids to the one hot account.'),
    crossShard: crossShardField,
    accounts: accountsField,
  },
  source: (settings, context) => new BidSource(settings, context),
  payloadBytesMax: () => 0,
})

interface BidSettings {
  /** Share from 0 to 1. */
  readonly hotShare: number
  readonly crossShard: number
  readonly accounts: 'uniform' | 'zipf'
}

class BidSource implements DraftSource {
  readonly #hotShare: number
  readonly #hotShard: number
  readonly #accountsPerShard: number
  readonly #random: Random
  readonly #others: PaymentSource
  #bids = 0

  constructor(settings: BidSettings, context: SourceContext) {
    const { seed, space } = context
    this.#hotShare = settings.hotShare
    this.#hotShard = seed % space.shards
    this.#accountsPerShard = space.accountsPerShard
    this.#random = new Random(seed, 'bids')
    this.#others = new PaymentSource({ ...settings, payloadBytes: 0 }, context, 'hot-account')
  }

  /** Whoever would have paid somebody bids instead: payers come from all shards. */
  next(): Draft {
    const draft = this.#others.next()
    if (this.#random.unit() >= this.#hotShare) return draft
    const isHot = draft.payerShard === this.#hotShard && draft.payerIndex === 0
    const bid = 1 + (this.#bids % BID_MAX)
    this.#bids += 1
    return {
      ...draft,
      // The game does not bid in itself.
      payerIndex: isHot ? 1 + (draft.salt % (this.#accountsPerShard - 1)) : draft.payerIndex,
      payeeShard: this.#hotShard,
      payeeIndex: 0,
      amount: bid,
    }
  }
}
