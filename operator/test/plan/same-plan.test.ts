import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  checkDocument,
  hasProblems,
  parseRunDocuments,
  quantityBytes,
  type Shard,
} from '../../src/api/door.ts'
import { shardObjects, shardPlanOf } from '../../src/kubernetes/door.ts'
import { launchTestnet, statusOf, testnetFolder } from '../../src/local/door.ts'
import { loadState } from '../../src/local/testnet-state.ts'
import { NOTHING_OBSERVED, planTestnet, validatorsOf } from '../../src/plan/door.ts'
import { workshop } from '../local/workshop.ts'

const FILE = fileURLToPath(new URL('../../examples/testnet.yaml', import.meta.url))

/** What a set of validators comes to, whoever runs it. */
function essenceOf({ metadata, spec }: Shard) {
  const { testnet, shard, ordinals, network, storage } = spec
  const names = Array.from(
    { length: ordinals.count },
    (_, index) => `${metadata.name}-${ordinals.start + index}`,
  )
  return { testnet, shard, ordinals, network, storage, names }
}

test('npm start and the Kubernetes side make the same of one file', async (context) => {
  const text = readFileSync(FILE, 'utf8')
  // The road of npm start: the file, the plan, and what the local backend keeps in its state after carrying it out.
  const { testnet: typed } = parseRunDocuments(text, FILE)
  const place = await workshop(context)
  const launched = launchTestnet(place, { document: typed, isEphemeral: true, portsFrom: null })
  await launched.waitUntilReady(AbortSignal.timeout(30_000))
  const status = await statusOf(place, typed.metadata.name)
  const local = loadState(testnetFolder(place.home, typed.metadata.name).stateFile)
  const genesis: unknown = JSON.parse(readFileSync(status.genesisFile ?? '', 'utf8'))
  const configs = status.validators.map(({ dataDirectory }): unknown => {
    return JSON.parse(readFileSync(join(dirname(dataDirectory), 'node.json'), 'utf8'))
  })
  await launched.stop()

  // The road of the cluster: what an API server hands out is JSON of the same object with the defaults filled in.
  const applied = checkDocument(JSON.parse(JSON.stringify(typed)))
  assert.ok(!hasProblems(applied) && applied.kind === 'Testnet')
  const plan = planTestnet(applied, NOTHING_OBSERVED)
  const objects = shardObjects(plan)

  const carriedOut =
    local?.generations.flatMap(({ sets }) => sets.map(({ object }) => object)) ?? []
  assert.equal(objects.length, 2)
  assert.deepEqual(carriedOut.map(essenceOf), objects.map(essenceOf))
  assert.deepEqual(
    status.validators.map(({ name }) => name),
    objects.flatMap((object) => essenceOf(object).names),
    'the names of processes are the names of pods',
  )
  const network = objects[0]?.spec.network
  assert.deepEqual(status.network, network, 'both make the genesis from the same parameters')
  // And that is what the processes are really told.
  const { seed, shards, validatorsPerShard, protocol } = network ?? {}
  assert.partialDeepStrictEqual(genesis, {
    seed,
    shards,
    validatorsPerShard,
    protocol,
    accounts: network?.accounts,
  })
  const seats = objects.flatMap(({ spec }) =>
    Array.from({ length: spec.ordinals.count }, (_, index) => {
      const diskBytesMax = quantityBytes(spec.storage.size)
      return { shard: spec.shard, validator: spec.ordinals.start + index, diskBytesMax }
    }),
  )
  assert.partialDeepStrictEqual(configs, seats)
})

test('a Shard object holds its whole part of the plan, and is valid for its kind', () => {
  const { testnet } = parseRunDocuments(readFileSync(FILE, 'utf8'), FILE)
  const plan = planTestnet(testnet, NOTHING_OBSERVED)
  const objects = shardObjects(plan)
  for (const object of objects) {
    assert.deepEqual(checkDocument(JSON.parse(JSON.stringify(object))), object)
  }
  assert.deepEqual(objects.map(shardPlanOf), plan.shards)
  assert.deepEqual(
    objects.map(shardPlanOf).flatMap(validatorsOf),
    plan.shards.flatMap(validatorsOf),
  )
})
