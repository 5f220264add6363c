import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseConfig } from '../src/config/parse-config.ts'
import { estimated } from './estimated.ts'
import { threeClouds } from './example-config.ts'
import { stackOf } from './stack-file.ts'

const keysOf = (raw: unknown): readonly string[] => {
  const parsed = parseConfig(raw)
  return parsed.kind === 'problems' ? parsed.problems.map(({ key }) => key) : []
}
const [aws, gcp, azure] = threeClouds.clouds
const withClouds = (...clouds: readonly unknown[]) => ({ ...threeClouds, clouds })

describe('a configuration', () => {
  test('that is right has no problem, and every default is filled in', () => {
    const parsed = parseConfig(threeClouds)
    assert.equal(parsed.kind, 'config')
    if (parsed.kind !== 'config') return
    assert.deepEqual(parsed.config.gatewayPorts, { from: 30_000, to: 30_999 })
    assert.equal(parsed.config.monitoring, true)
  })

  const tables: readonly (readonly [string, unknown, readonly string[]])[] = [
    [
      'that is empty: every required key at once',
      {},
      ['image', 'testnet', 'clouds', 'owner', 'expires', 'budget', 'apiAllowedCidrs'],
    ],
    ['a key that does not exist', { ...threeClouds, clowds: [] }, ['clowds']],
    ['an unknown cloud', withClouds({ cloud: 'moon', region: 'x' }), ['clouds[0].cloud']],
    [
      'an unknown region',
      withClouds({ ...aws, region: 'us-east-9' }, gcp, azure),
      ['clouds[0].region'],
    ],
    [
      'a machine type without price',
      withClouds(aws, { ...gcp, machineType: 'n9-huge' }, azure),
      ['clouds[1].machineType'],
    ],
    [
      'spot machines without price',
      withClouds(aws, gcp, { ...azure, spotPricePerHour: undefined }),
      ['clouds[2].spotPricePerHour'],
    ],
    [
      'more machines than a cluster holds',
      withClouds({ ...aws, machines: 5001 }),
      ['clouds[0].machines'],
    ],
    ['an image without registry', { ...threeClouds, image: 'shardnet' }, ['image']],
    ['an image of this machine', { ...threeClouds, image: 'localhost:5000/shardnet:1' }, ['image']],
    [
      'APIs open to the world',
      { ...threeClouds, apiAllowedCidrs: ['0.0.0.0/0'] },
      ['apiAllowedCidrs'],
    ],
    [
      'ports outside of the range',
      { ...threeClouds, gatewayPorts: { from: 80, to: 90 } },
      ['gatewayPorts.from', 'gatewayPorts.to'],
    ],
    [
      'ports the wrong way round',
      { ...threeClouds, gatewayPorts: { from: 30_009, to: 30_001 } },
      ['gatewayPorts'],
    ],
    ['two clusters of one name', withClouds(aws, aws), ['clouds[1].name']],
    ['a hub that is none of them', { ...threeClouds, hub: 'elsewhere' }, ['hub']],
    ['a day that is none', { ...threeClouds, expires: 'soon' }, ['expires']],
    [
      'room only on spot machines',
      withClouds({ ...aws, machines: 1, spotMachines: 50 }),
      ['clouds'],
    ],
    [
      'an autoscaler that goes down',
      withClouds(aws, gcp, { ...azure, machinesMax: 1 }),
      ['clouds[2].machinesMax'],
    ],
    [
      'quotas that do not suffice',
      { ...threeClouds, quotas: { 'aws/us-east-1': { vcpus: 23, spotVcpus: 16, addresses: 4 } } },
      ['quotas.aws/us-east-1.vcpus', 'quotas.aws/us-east-1.addresses'],
    ],
    [
      'a quota of nothing',
      { ...threeClouds, quotas: { 'aws/eu-west-1': {} } },
      ['quotas.aws/eu-west-1'],
    ],
    [
      'a budget for minutes',
      { ...threeClouds, budget: { usd: 1, email: 'a@example.org' } },
      ['budget.usd'],
    ],
    [
      'a testnet that the kinds do not take',
      {
        ...withClouds({ ...aws, machines: 500 }),
        testnet: { ...threeClouds.testnet, shards: 1_025 },
        budget: { usd: 100_000, email: 'a@example.org' },
      },
      ['testnet.shards'],
    ],
    [
      'many at once',
      { ...withClouds({ ...aws, region: 'x' }, { ...gcp, machineType: 'y' }, azure), hub: 'z' },
      ['hub', 'clouds[0].region', 'clouds[1].machineType'],
    ],
  ]
  for (const [name, raw, keys] of tables) {
    test(name, () =>
      assert.deepEqual(
        keysOf(raw),
        keys.map((key) => `shardnet:${key}`),
      ),
    )
  }
})

describe('the example stacks', () => {
  test('are right', () => {
    assert.deepEqual(keysOf(stackOf('example')), [])
    assert.deepEqual(keysOf(stackOf('testnet-2018')), [])
  })

  test('of 2018 has 41,440 validators on 42,000 machines in 11 regions, and a price', () => {
    const parsed = parseConfig(stackOf('testnet-2018'))
    assert.equal(parsed.kind, 'config')
    if (parsed.kind !== 'config') return
    const { testnet, clouds } = parsed.config
    assert.equal(testnet.shards * testnet.validatorsPerShard, 41_440)
    assert.equal(new Set(clouds.map(({ cloud, region }) => `${cloud}/${region}`)).size, 11)
    const { clusters, usdPerHour } = estimated(parsed.config)
    const machines = clusters.map((cluster) => cluster.machines)
    assert.equal(
      machines.slice(0, 6).reduce((sum, count) => sum + count),
      24_000,
    )
    assert.equal(
      machines.slice(6).reduce((sum, count) => sum + count),
      18_000,
    )
    assert.ok(usdPerHour > 3_000 && usdPerHour < 6_000, `${usdPerHour}`)
  })
})
