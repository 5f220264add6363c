import type { ImportBundle } from '../../../src/core/wire/import-bundle.ts'
import { FixtureNetwork } from './fixture-network.ts'
import type { Bend, FixtureBatch } from './fixture-shard.ts'

/** Where a test bends the story. Blocks are named by shard and height, `s0h2`. */
export interface Story {
  readonly bends?: Readonly<Record<string, Bend>>
  readonly batches?: Readonly<
    Record<string, (batches: FixtureBatch[], network: FixtureNetwork) => FixtureBatch[]>
  >
  readonly imports?: Readonly<
    Record<string, (imports: ImportBundle[], network: FixtureNetwork) => ImportBundle[]>
  >
}

/**
 * Two shards, four validators each. Shard 0 makes six blocks and shard 1 five: local and remote transfers, every result that
 * one can make by hand, a skipped view, an import in either direction, and two messages that stay in flight.
 */
export function tell(story: Story = {}, instance = 'ab'.repeat(16)): FixtureNetwork {
  const network = new FixtureNetwork({ instance })
  const [zero, one] = [network.shard(0), network.shard(1)]
  const teller = new Teller(network, story)
  const pay = (
    shard: number,
    index: number,
    nonce: number,
    ...payees: [number, number, number][]
  ) =>
    network.transfer({
      payer: { shard, index },
      nonce,
      payees: payees.map(([to, at, amount]) => ({ shard: to, index: at, amount })),
    })
  // A local one, a remote one, one of each with two payees, and one that overtakes its predecessor.
  const first = [
    pay(0, 0, 0, [0, 1, 100]),
    pay(0, 1, 0, [1, 0, 50]),
    pay(0, 2, 1, [0, 3, 7], [1, 2, 9]),
  ]
  teller.extend('s0h1', [zero.batch(1, first), zero.batch(2, [pay(0, 2, 0, [1, 3, 11])])])
  teller.extend('s1h1', [one.batch(0, [pay(1, 0, 0, [0, 5, 1000]), pay(1, 1, 5, [1, 2, 3])])])
  teller.extend('s0h2', [])
  teller.extend('s1h2', [], [zero.bundle(1, 0)])
  // Used before, too far ahead, nobody's account, more than there is, too late.
  const results = [
    pay(0, 0, 0, [0, 1, 100]),
    pay(0, 3, 64, [0, 1, 1]),
    network.transfer({
      payer: { shard: 0, index: 4 },
      nonce: 0,
      validUntil: 2,
      payees: [{ shard: 0, index: 1, amount: 1 }],
    }),
    pay(0, 5, 0, [0, 1, 5_000_000]),
    pay(0, 6, 0, [1, 6, 77]),
  ]
  teller.extend('s0h3', [zero.batch(1, results)], [one.bundle(0, 0)], 1)
  teller.extend('s1h3', [one.batch(3, [pay(1, 4, 0, [0, 0, 13])])])
  teller.extend('s0h4', [zero.batch(0, [pay(0, 7, 0, [1, 7, 21])])])
  teller.extend('s1h4', [], [], 2)
  teller.extend('s0h5', [])
  teller.extend('s1h5', [], [zero.bundle(1, 3, 1)])
  teller.extend('s0h6', [])
  return network
}

class Teller {
  readonly #network: FixtureNetwork
  readonly #story: Story

  constructor(network: FixtureNetwork, story: Story) {
    this.#network = network
    this.#story = story
  }

  extend(name: string, batches: FixtureBatch[], imports: ImportBundle[] = [], skips = 0): void {
    const { bends = {}, batches: changeBatches = {}, imports: changeImports = {} } = this.#story
    const bend = bends[name]
    this.#network.shard(Number(name[1])).extend({
      batches: changeBatches[name]?.(batches, this.#network) ?? batches,
      imports: changeImports[name]?.(imports, this.#network) ?? imports,
      skips,
      ...(bend === undefined ? {} : { bend }),
    })
  }
}
