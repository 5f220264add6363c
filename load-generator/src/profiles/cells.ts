import { CELLS_MAX } from '@shardnet/node/core'
import { Random } from '../random.ts'
import { countField, popularityField, shareField } from './fields.ts'
import { popularityOf, type Popularity } from './popularity.ts'
import {
  draftKind,
  profileOf,
  type Draft,
  type DraftSource,
  type SourceContext,
} from './profile.ts'

/**
 * Reads and writes of registers, for checks of consistency. Every written value is another one (they are counted through),
 * so that a read names the write it saw. A compareAndSet expects what the transactions planned before it leave behind: it
 * misses when the validators order them otherwise, and that is counted with its code. Every write pays the fee of a new cell:
 * whichever comes first makes it.
 */
export const cells = profileOf({
  summary: 'put, compareAndSet and get on cells of the payer’s shard',
  fields: {
    cellsPerShard: countField({ min: 1, max: CELLS_MAX }, 1_000, 'Cells of each shard.'),
    cellAccess: popularityField('How often each cell is used.'),
    gets: shareField('50%', 'Share of transactions that read.'),
    compareAndSets: shareField(
      '50%',
      'Share of the writes that write only over an expected value; the others just put.',
    ),
  },
  source: (settings, context) => new CellSource(settings, context),
  payloadBytesMax: () => 0,
})

interface CellSettings {
  readonly cellsPerShard: number
  readonly cellAccess: 'uniform' | 'zipf'
  /** Shares from 0 to 1. */
  readonly gets: number
  readonly compareAndSets: number
}

class CellSource implements DraftSource {
  readonly #settings: CellSettings
  readonly #space: SourceContext['space']
  readonly #random: Random
  readonly #popularity: Popularity
  /** What each cell holds when everything executes as planned; 0: nothing was written. */
  readonly #held: Float64Array
  #writes = 0

  constructor(settings: CellSettings, { seed, space }: SourceContext) {
    this.#settings = settings
    this.#space = space
    this.#random = new Random(seed, 'cells')
    this.#popularity = popularityOf(settings.cellAccess, settings.cellsPerShard)
    this.#held = new Float64Array(space.shards * settings.cellsPerShard)
  }

  next(): Draft {
    const random = this.#random
    const { gets, compareAndSets, cellsPerShard } = this.#settings
    const payerShard = random.below(this.#space.shards)
    const payerIndex = random.below(this.#space.accountsPerShard)
    const cell = this.#popularity(random)
    const isGet = random.unit() < gets
    const isConditional = random.unit() < compareAndSets
    const at = payerShard * cellsPerShard + cell
    const expected = isGet || !isConditional ? 0 : (this.#held[at] ?? 0)
    const value = isGet ? 0 : ++this.#writes
    if (!isGet) this.#held[at] = value
    const write = isConditional ? draftKind.compareAndSet : draftKind.put
    return {
      kind: isGet ? draftKind.get : write,
      payerShard,
      payerIndex,
      payeeShard: payerShard,
      payeeIndex: payerIndex,
      amount: 0,
      cell,
      value,
      expected,
      payloadBytes: 0,
      salt: random.u32(),
    }
  }
}
