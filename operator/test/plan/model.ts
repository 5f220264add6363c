import * as fc from 'fast-check'
import { Testnet } from '../../src/api/door.ts'
import { type ObservedGeneration, type ObservedTestnet, type Plan } from '../../src/plan/door.ts'
import { placeOf } from '../../src/plan/shard-plan.ts'

/** A world without processes: does what a plan says, at once. `readyShare` is the part of validators that come up. */
export function carriedOut(plan: Plan, before: ObservedTestnet, readyShare = 1): ObservedTestnet {
  const generations = structuredClone([...before.generations]) as {
    network: ObservedGeneration['network']
    shards: ObservedGeneration['shards'][number][]
  }[]
  const find = (generation: number) =>
    generations.find((each) => each.network.generation === generation)
  for (const action of plan.actions) {
    const network =
      action.kind === 'createNetwork' || action.kind === 'removeNetwork'
        ? action.network
        : action.shard.network
    const here = find(network.generation)
    switch (action.kind) {
      case 'createNetwork':
        if (here !== undefined) throw new Error('a network is made once')
        generations.push({ network, shards: [] })
        break
      case 'applyShard': {
        if (here === undefined) throw new Error('a shard needs its network')
        const { shard } = action
        here.shards = here.shards.filter((each) => placeOf(each.plan) !== placeOf(shard))
        here.shards.push({
          plan: shard,
          readyValidators: Math.floor(shard.ordinals.count * readyShare),
        })
        break
      }
      case 'removeShard':
        if (here !== undefined)
          here.shards = here.shards.filter((each) => placeOf(each.plan) !== placeOf(action.shard))
        break
      case 'removeNetwork':
        if (here !== undefined && here.shards.length > 0) throw new Error('its shards go first')
        generations.splice(
          generations.findIndex((each) => each === here),
          1,
        )
        break
    }
  }
  return { ...before, generations }
}

/** Any testnet that people may ask for; the same name and genesis seed, so that one may follow another. */
export const anyTestnet = fc
  .record({
    shards: fc.integer({ min: 1, max: 6 }),
    validatorsPerShard: fc.integer({ min: 4, max: 13 }),
    spread: fc.constantFrom('Shards', 'Validators'),
    weights: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 5 }),
    image: fc.constantFrom('one', 'two'),
    viewTimeoutMs: fc.constantFrom(2_000, 3_000),
  })
  .map(({ shards, validatorsPerShard, spread, weights, image, viewTimeoutMs }) =>
    Testnet.parse({
      apiVersion: 'shardnet.dev/v1alpha1',
      kind: 'Testnet',
      metadata: { name: 'demo' },
      spec: {
        shards,
        validatorsPerShard,
        image,
        protocol: { viewTimeoutMs },
        placement: {
          spread,
          clusters: weights.map((weight, index) => ({ name: `c${index}`, weight })),
        },
      },
    }),
  )
