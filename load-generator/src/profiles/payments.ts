import { Random } from '../random.ts'
import { accountsField, countField, crossShardField, PAYLOAD_BYTES_MAX } from './fields.ts'
import { popularityOf, type Popularity } from './popularity.ts'
import {
  draftKind,
  profileOf,
  type AccountSpace,
  type Draft,
  type DraftSource,
  type SourceContext,
} from './profile.ts'

const AMOUNT_MAX = 100

/** Random transfers between the accounts of the genesis. */
export const payments = profileOf({
  summary: 'random transfers between the accounts of the genesis',
  fields: {
    crossShard: crossShardField,
    accounts: accountsField,
    payloadBytes: countField(
      { min: 0, max: PAYLOAD_BYTES_MAX },
      0,
      'Opaque bytes in each transaction.',
    ),
  },
  source: (settings, context) => new PaymentSource(settings, context),
  payloadBytesMax: (settings) => settings.payloadBytes,
})

interface PaymentSettings {
  /** Share from 0 to 1. */
  readonly crossShard: number
  readonly accounts: 'uniform' | 'zipf'
  readonly payloadBytes: number
}

/** Draws who pays whom. */
export class PaymentSource implements DraftSource {
  readonly #space: AccountSpace
  readonly #crossShard: number
  readonly #payloadBytes: number
  readonly #random: Random
  readonly #popularity: Popularity

  /** `label`: independent of all sources with another one. */
  constructor(settings: PaymentSettings, { seed, space }: SourceContext, label = 'payments') {
    if (space.accountsPerShard < 2) throw new RangeError('a transfer needs two accounts in a shard')
    this.#space = space
    this.#crossShard = space.shards > 1 ? settings.crossShard : 0
    this.#payloadBytes = settings.payloadBytes
    this.#random = new Random(seed, label)
    this.#popularity = popularityOf(settings.accounts, space.accountsPerShard)
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
    return {
      kind: draftKind.transfer,
      payerShard,
      payerIndex,
      payeeShard,
      payeeIndex,
      amount: 1 + random.below(AMOUNT_MAX),
      cell: 0,
      value: 0,
      expected: 0,
      payloadBytes: this.#payloadBytes,
      salt: random.u32(),
    }
  }
}
