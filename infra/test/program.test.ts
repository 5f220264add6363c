import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { threeClouds } from './example-config.ts'
import type { Asked, WorldRun } from './world.ts'
import { Worlds } from './worlds.ts'

const worlds = new Worlds()
let run: WorldRun
const placeOf = ({ type, name }: Asked): string => `${type}::${name}`
const of = (type: string): readonly Asked[] => run.asked.filter((asked) => asked.type === type)
const records = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value : []
const record = (value: unknown): Record<string, unknown> => ({ ...(value as object) })

before(async () => {
  run = await worlds.run(threeClouds)
})
after(() => worlds.close())

test('a date that stands in YAML without quotes is a date', async () => {
  const budget = { ...threeClouds.budget, from: '2026-12-01T00:00:00Z' }
  const expires = '2026-12-15 00:00:00 +0000 UTC'
  const { error, outputs } = await worlds.run({
    ...threeClouds,
    budget,
    expires,
    estimateOnly: true,
  })
  assert.equal(error, null)
  assert.ok(Number(outputs['usdPerHour']) > 0)
})

describe('three clouds', () => {
  test('are launched whole, by resources with names of their own', () => {
    assert.equal(run.error, null)
    const places = run.asked.map(placeOf)
    assert.equal(new Set(places).size, places.length)
    for (const { type, name } of run.asked) {
      const isOurs = /^(?:aws-us-east-1|gcp-europe-west4|azure-westeurope|demo)/.test(name)
      assert.ok(isOurs, `${type}::${name}`)
    }
  })

  test('carry testnet, owner and expiry on everything that can have tags', () => {
    const tags = { testnet: 'demo', owner: 'team-a', expires: '2026-12-15' }
    const [aws] = of('pulumi:providers:aws')
    assert.deepEqual(JSON.parse(String(aws?.inputs['defaultTags'])).tags, tags)
    for (const template of of('aws:ec2/launchTemplate:LaunchTemplate'))
      for (const { tags: own } of records(template.inputs['tagSpecifications']))
        for (const [key, value] of Object.entries(tags)) assert.equal(record(own)[key], value)
    const [gcp] = of('pulumi:providers:gcp')
    assert.deepEqual(JSON.parse(String(gcp?.inputs['defaultLabels'])), tags)
    const azure = run.asked.filter(
      ({ type }) => type.startsWith('azure-native:') && !type.endsWith(':Budget'),
    )
    assert.ok(azure.length >= 6)
    for (const asked of azure) assert.deepEqual(asked.inputs['tags'], tags, placeOf(asked))
  })

  test('encrypt secrets and disks', () => {
    const [eks] = of('aws:eks/cluster:Cluster')
    const encryption = record(eks?.inputs['encryptionConfig'])
    assert.deepEqual(encryption['resources'], ['secrets'])
    assert.match(String(record(encryption['provider'])['keyArn']), /aws-us-east-1-secrets$/)
    for (const { inputs } of of('aws:kms/key:Key')) assert.equal(inputs['enableKeyRotation'], true)
    for (const { inputs } of of('aws:ec2/launchTemplate:LaunchTemplate')) {
      for (const { ebs } of records(inputs['blockDeviceMappings']))
        assert.equal(record(ebs)['encrypted'], 'true')
      assert.equal(record(inputs['metadataOptions'])['httpTokens'], 'required')
    }
    const [gke] = of('gcp:container/cluster:Cluster')
    assert.equal(record(gke?.inputs['databaseEncryption'])['state'], 'ENCRYPTED')
    const pools = of('azure-native:containerservice:AgentPool')
    assert.equal(pools.length, 2)
    for (const { inputs } of pools) assert.equal(inputs['enableEncryptionAtHost'], true)
  })

  test('open the ports of gateways to the world, and no other', () => {
    const groups = of('aws:ec2/securityGroup:SecurityGroup')
    assert.equal(groups.length, 1)
    for (const { inputs } of groups) {
      const ingress = records(inputs['ingress'])
      assert.deepEqual(
        ingress.map(({ protocol, fromPort, toPort }) => [protocol, fromPort, toPort]),
        [['tcp', 30_000, 30_999]],
      )
    }
    const firewalls = of('gcp:compute/firewall:Firewall')
    assert.equal(firewalls.length, 1)
    assert.deepEqual(firewalls[0]?.inputs['allows'], [{ protocol: 'tcp', ports: ['30000-30999'] }])
    const rules = of('azure-native:network:NetworkSecurityGroup').flatMap(({ inputs }) =>
      records(inputs['securityRules']),
    )
    assert.deepEqual(
      rules.map(({ direction, protocol, destinationPortRange }) => [
        direction,
        protocol,
        destinationPortRange,
      ]),
      [['Inbound', 'Tcp', '30000-30999']],
    )
    const rulesOfTypes = run.asked.filter(({ type }) =>
      /securityGroup(?:Rule|Ingress)|SecurityRule|FirewallPolicy/i.test(type),
    )
    assert.deepEqual(rulesOfTypes.map(placeOf), [])
  })

  test('let only the named blocks reach the APIs', () => {
    const [eks] = of('aws:eks/cluster:Cluster')
    assert.deepEqual(record(eks?.inputs['vpcConfig'])['publicAccessCidrs'], ['203.0.113.0/24'])
    const [gke] = of('gcp:container/cluster:Cluster')
    const blocks = records(record(gke?.inputs['masterAuthorizedNetworksConfig'])['cidrBlocks'])
    assert.deepEqual(
      blocks.map(({ cidrBlock }) => cidrBlock),
      ['203.0.113.0/24'],
    )
    const [aks] = of('azure-native:containerservice:ManagedCluster')
    assert.deepEqual(record(aks?.inputs['apiServerAccessProfile'])['authorizedIPRanges'], [
      '203.0.113.0/24',
    ])
  })

  test('keep validators off spot machines, and give every machine an address', () => {
    const taint = { key: 'shardnet.dev/spot', value: 'true', effect: 'NO_SCHEDULE' }
    for (const { name, inputs } of of('aws:eks/nodeGroup:NodeGroup')) {
      const isSpot = name.endsWith('-spot')
      assert.equal(inputs['capacityType'], isSpot ? 'SPOT' : 'ON_DEMAND')
      assert.deepEqual(inputs['taints'], isSpot ? [taint] : [])
      assert.equal(record(inputs['scalingConfig'])['minSize'], isSpot ? 0 : 3)
    }
    for (const { inputs } of of('aws:ec2/subnet:Subnet'))
      assert.equal(inputs['mapPublicIpOnLaunch'], true)
    for (const { name, inputs } of of('gcp:container/nodePool:NodePool')) {
      const node = record(inputs['nodeConfig'])
      const isSpot = name.endsWith('-spot')
      assert.equal(node['spot'], isSpot)
      assert.deepEqual(node['taints'], isSpot ? [taint] : [])
      assert.equal(record(inputs['networkConfig'])['enablePrivateNodes'], false)
    }
    for (const { name, inputs } of of('azure-native:containerservice:AgentPool')) {
      const isSpot = name.endsWith('-spot')
      assert.equal(inputs['scaleSetPriority'], isSpot ? 'Spot' : 'Regular')
      assert.deepEqual(
        inputs['nodeTaints'],
        isSpot ? ['shardnet.dev/spot=true:NoSchedule'] : undefined,
      )
      assert.equal(inputs['enableNodePublicIP'], true)
    }
    const [testnet] = of('kubernetes:shardnet.dev/v1alpha1:Testnet')
    assert.ok(!JSON.stringify(testnet?.inputs).includes('shardnet.dev/spot'))
  })

  test('have workload identity, a budget with two alerts, and networks that do not overlap', () => {
    assert.ok(
      of('aws:eks/addon:Addon').some(
        ({ inputs }) => inputs['addonName'] === 'eks-pod-identity-agent',
      ),
    )
    assert.deepEqual(of('gcp:container/cluster:Cluster')[0]?.inputs['workloadIdentityConfig'], {
      workloadPool: 'p.svc.id.goog',
    })
    const [aks] = of('azure-native:containerservice:ManagedCluster')
    assert.deepEqual(record(aks?.inputs['securityProfile'])['workloadIdentity'], { enabled: true })
    const [aws] = of('aws:budgets/budget:Budget')
    assert.equal(records(aws?.inputs['notifications']).length, 2)
    const [gcp] = of('gcp:billing/budget:Budget')
    assert.equal(records(gcp?.inputs['thresholdRules']).length, 2)
    const [azure] = of('azure-native:consumption:Budget')
    assert.equal(Object.keys(record(azure?.inputs['notifications'])).length, 2)
    assert.match(String(azure?.inputs['scope']), /azure-westeurope/)
    const text = JSON.stringify(run.asked.map(({ inputs }) => inputs))
    for (const block of ['10.16.0.0/16', '10.17.0.0/18', '10.18.0.0/16'])
      assert.ok(text.includes(block), block)
  })

  test('become members of one testnet, and give back secret kubeconfigs', () => {
    const clusters = of('kubernetes:shardnet.dev/v1alpha1:Cluster')
    const clouds = clusters.map(({ inputs }) => String(record(inputs['spec'])['cloud']))
    assert.deepEqual(new Set(clouds), new Set(['aws', 'azure', 'gcp']))
    // The hub needs no key to itself.
    const secrets = clusters.filter(({ inputs }) => 'kubeconfigSecret' in record(inputs['spec']))
    assert.equal(secrets.length, 2)
    assert.deepEqual(run.secrets, ['aws-us-east-1', 'gcp-europe-west4', 'azure-westeurope'])
    const [testnet] = of('kubernetes:shardnet.dev/v1alpha1:Testnet')
    const spec = record(testnet?.inputs['spec'])
    assert.equal(spec['shards'], 4)
    assert.equal(spec['image'], threeClouds.image)
    assert.equal(records(record(spec['placement'])['clusters']).length, 3)
  })

  test('are taken down with the testnet first and the networks last', () => {
    const afterOf = new Map(run.asked.map((asked) => [placeOf(asked), asked.after]))
    const everything = new Set<string>()
    const visit = (place: string): void => {
      if (everything.has(place)) return
      everything.add(place)
      for (const next of afterOf.get(place) ?? []) visit(next)
    }
    visit('kubernetes:shardnet.dev/v1alpha1:Testnet::demo')
    // All that carries a workload is still there while the testnet goes.
    const carriers = run.asked.filter(({ type }) =>
      /NodeGroup$|NodePool$|AgentPool$|:Release$|:Cluster$|ManagedCluster$|Subnet$|VirtualNetwork$|securityGroup/.test(
        type,
      ),
    )
    assert.ok(carriers.length > 20)
    for (const asked of carriers)
      if (!asked.name.endsWith('-monitoring'))
        assert.ok(everything.has(placeOf(asked)), placeOf(asked))
  })
})

describe('nothing is made', () => {
  test('when the configuration is wrong: all of it is said, with the keys to set', async () => {
    const { asked, error } = await worlds.run({
      ...threeClouds,
      image: 'shardnet',
      owner: 'Team A',
      clouds: [],
    })
    assert.deepEqual(asked, [])
    for (const key of ['shardnet:image', 'shardnet:owner', 'shardnet:clouds'])
      assert.ok(error?.includes(`${key}:`), key)
    assert.ok(!error?.includes(' at '), 'no stack trace')
  })

  const whoami = {
    aws: 'aws:index/getCallerIdentity:getCallerIdentity',
    gcp: 'gcp:organizations/getClientConfig:getClientConfig',
    azure: 'azure-native:authorization:getClientConfig',
  }
  for (const [index, [cloud, refuse]] of Object.entries(whoami).entries()) {
    test(`when ${cloud} does not know us any more`, async () => {
      const { asked, error } = await worlds.run(threeClouds, { refuse })
      assert.deepEqual(asked, [])
      assert.match(
        error ?? '',
        new RegExp(`shardnet:clouds\\[${index}\\]: ${cloud} does not take our credentials`),
      )
    })
  }

  test('when only an estimate is asked for', async () => {
    const { asked, outputs, error } = await worlds.run({ ...threeClouds, estimateOnly: true })
    assert.equal(error, null)
    assert.deepEqual(asked, [])
    assert.ok(Number(outputs['usdPerHour']) > 4)
  })
})

test('a launch that failed anywhere names what failed, and the next one asks for the same again', async () => {
  const place = (asked: Asked): string => JSON.stringify([placeOf(asked), asked.inputs])
  for (const cloud of threeClouds.clouds) {
    const config = {
      ...threeClouds,
      testnet: { ...threeClouds.testnet, shards: 1 },
      clouds: [cloud],
    }
    const whole = await worlds.run(config)
    assert.equal(whole.error, null)
    for (const asked of whole.asked) {
      // A component is no request to a cloud, it cannot fail.
      if (!asked.isCustom) continue
      const failed = await worlds.run(config, { failAt: placeOf(asked) })
      assert.match(failed.error ?? '', new RegExp(`${asked.name} cannot be made`), placeOf(asked))
    }
    const again = await worlds.run(config)
    assert.equal(again.error, null)
    assert.deepEqual(again.asked.map(place).toSorted(), whole.asked.map(place).toSorted())
  }
})

describe('an existing cluster', () => {
  const server = createServer((request, response) => {
    response.writeHead(request.headers.authorization === 'Bearer right' ? 200 : 401).end('{}')
  })
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shardnet-infra-'))
    await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve))
  })
  after(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  const kubeconfig = (name: string, address: string, token: string): string => {
    const path = join(folder, name)
    writeFileSync(
      path,
      JSON.stringify({
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: address } }],
        users: [{ name: 'u', user: { token } }],
      }),
    )
    return path
  }
  const configOf = (...files: readonly string[]) => ({
    ...threeClouds,
    clouds: files.map((kubeconfigFile, index) => ({
      cloud: 'existing',
      name: `k${index}`,
      kubeconfigFile,
    })),
  })
  // A server that listens on TCP has an address of this kind.
  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  test('is used as it is: only the platform and the testnet are made', async () => {
    const file = kubeconfig('right', address(), 'right')
    const { asked, error } = await worlds.run(configOf(file))
    assert.equal(error, null)
    assert.ok(
      asked.every(({ type }) =>
        /^(?:kubernetes:|pulumi:providers:kubernetes|shardnet:)/.test(type),
      ),
    )
    assert.ok(asked.some(({ type }) => type.endsWith(':Testnet')))
  })

  test('that cannot be used is named by its key, all of them at once, and nothing is made', async () => {
    const broken = join(folder, 'broken')
    writeFileSync(broken, 'not: a kubeconfig')
    const { asked, error } = await worlds.run(
      configOf(
        join(folder, 'missing'),
        broken,
        kubeconfig('closed', 'http://127.0.0.1:1', 'right'),
        kubeconfig('expired', address(), 'wrong'),
      ),
    )
    assert.deepEqual(asked, [])
    const lines = (error ?? '').split('\n')
    for (const [index, text] of [
      'cannot read',
      'is no kubeconfig',
      'ECONNREFUSED',
      'refuses these credentials',
    ].entries())
      assert.match(
        lines.find((line) => line.includes(`shardnet:clouds[${index}].kubeconfigFile`)) ?? '',
        new RegExp(text),
      )
  })
})
