import { parsePodConfig } from '@shardnet/node/pod'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { driftOf } from '../../src/objects/drift.ts'
import { genesisConfigMaps, genesisParts } from '../../src/objects/genesis-config-map.ts'
import { goldenObjects, goldenTestnet } from '../../src/objects/golden.ts'
import type { KubernetesObject } from '../../src/objects/kubernetes-object.ts'
import { networkPolicy } from '../../src/objects/network-policy.ts'
import { operatorConfig } from '../../src/operator-config.ts'
import { networkPlanOf } from '../../src/plan/network-plan.ts'

interface SetSpec {
  readonly replicas: number
  readonly podManagementPolicy: string
  readonly updateStrategy: { readonly type: string }
  readonly ordinals: { readonly start: number }
  readonly persistentVolumeClaimRetentionPolicy: object
  readonly template: { readonly spec: PodSpec }
}

interface PodSpec {
  readonly automountServiceAccountToken: boolean
  readonly securityContext: object
  readonly containers: readonly [
    {
      readonly env: readonly { readonly name: string; readonly value?: string }[]
      readonly securityContext: object
      readonly volumeMounts: readonly { readonly name: string; readonly readOnly?: boolean }[]
    },
  ]
  readonly volumes: readonly { readonly name: string; readonly secret?: object }[]
}

const objects = goldenObjects()

function only(kind: string): KubernetesObject {
  const [found, ...others] = objects.filter((object) => object.kind === kind)
  assert.ok(found !== undefined && others.length === 0)
  return found
}

const set = only('StatefulSet')['spec'] as SetSpec

test('validators start together, count their own ordinals, and are replaced by nobody but the operator', () => {
  assert.equal(set.podManagementPolicy, 'Parallel')
  assert.deepEqual(set.updateStrategy, { type: 'OnDelete' })
  assert.deepEqual(set.ordinals, { start: 0 })
  assert.deepEqual(set.persistentVolumeClaimRetentionPolicy, {
    whenDeleted: 'Delete',
    whenScaled: 'Retain',
  })
})

test('a validator’s pod meets the restricted profile, and has no way to the API server', () => {
  const { spec } = set.template
  const [container] = spec.containers
  assert.equal(spec.automountServiceAccountToken, false)
  assert.partialDeepStrictEqual(spec.securityContext, {
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  })
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
})

test('keys are mounted, read-only and by their group alone, and no variable holds any', () => {
  const { spec } = set.template
  const [container] = spec.containers
  const keys = spec.volumes.find(({ name }) => name === 'keys')
  assert.deepEqual(keys?.secret, { secretName: 'demo-g1-shard-0-keys', defaultMode: 0o440 })
  assert.ok(container.volumeMounts.find(({ name }) => name === 'keys')?.readOnly)
  const values = JSON.stringify(container.env)
  assert.ok(!/secret|token|[0-9a-f]{64}/i.test(values), values)
})

test('what a pod is told is what its program reads', () => {
  const { value = '' } =
    set.template.spec.containers[0].env.find(({ name }) => name === 'SHARDNET_POD') ?? {}
  const config = parsePodConfig(value)
  assert.equal(config.peerHost, 'demo-g1-shard-{shard}-{validator}.demo-g1-shard-{shard}')
  assert.equal(config.shard, 0)
})

test('the budget is f, and what is down already may always go', () => {
  assert.partialDeepStrictEqual(only('PodDisruptionBudget')['spec'], {
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  })
})

test('f + 1 validators of a shard are gateways, each by a Service of its own', () => {
  const gateways = objects.filter(({ metadata }) => metadata.name.endsWith('-gateway'))
  assert.deepEqual(
    gateways.map(({ metadata }) => metadata.name),
    ['demo-g1-shard-0-0-gateway', 'demo-g1-shard-0-1-gateway'],
  )
})

test('validators may go out to the NodePorts of other clusters, whatever their range, and to none without gateways', () => {
  const network = networkPlanOf(goldenTestnet(), 1)
  const range = { port: 20_000, endPort: 32_767 }
  const portsOf = (gateways: typeof range | null) =>
    JSON.stringify(networkPolicy(network, gateways, { namespace: 'demo', owner: null }))
  assert.match(portsOf(range), /"port":20000,"endPort":32767/)
  assert.doesNotMatch(portsOf(null), /endPort/)
  const { nodePorts } = operatorConfig({ SHARDNET_NODE_PORTS: '20000-32767' }, {})
  assert.deepEqual(nodePorts, range)
  assert.deepEqual(operatorConfig({}, {}).nodePorts, { port: 30_000, endPort: 32_767 })
  assert.throws(() => operatorConfig({ SHARDNET_NODE_PORTS: 'all' }, {}), /range such as/)
})

test('a genesis travels in parts that fit, and comes out whole', () => {
  const small = networkPlanOf(goldenTestnet(), 1)
  assert.equal(genesisParts(small), 1)
  const largest = { ...small, shards: 64, validatorsPerShard: 64 }
  assert.equal(genesisParts(largest), 2)
  const genesis = JSON.stringify(Array.from({ length: 2_000 }, (_, index) => index * 7_919))
  const founded = { network: largest, networkId: 'ab', genesis: gzipSync(genesis) }
  const maps = genesisConfigMaps(founded, { namespace: 'default', owner: null })
  const bytes = maps.map((map) => {
    const data = map['binaryData'] as Readonly<Record<string, string>>
    return Buffer.from(data['genesis'] ?? '', 'base64')
  })
  assert.equal(gunzipSync(Buffer.concat(bytes)).toString(), genesis)
})

test('an object that came back from an API server has no drift, whatever was added to it', () => {
  const anyJson = fc.jsonValue()
  fc.assert(
    fc.property(fc.constantFrom(...objects), anyJson, fc.string(), (object, extra, name) => {
      fc.pre(!(name in object) && name !== '__proto__')
      const served = { ...structuredClone(object), [name]: extra, status: { anything: true } }
      assert.equal(driftOf(object, served), null)
    }),
  )
})

test('drift names the field: a changed value, a list of another length, a quantity that differs', () => {
  const wanted = { spec: { replicas: 3, args: ['a'], size: '1Gi', empty: {} } }
  assert.equal(driftOf(wanted, { spec: { replicas: 3, args: ['a'], size: '1024Mi' } }), null)
  assert.equal(driftOf(wanted, { spec: { ...wanted.spec, replicas: 4 } }), 'spec.replicas')
  assert.equal(driftOf(wanted, { spec: { ...wanted.spec, args: [] } }), 'spec.args')
  assert.equal(driftOf(wanted, { spec: { ...wanted.spec, size: '2Gi' } }), 'spec.size')
  assert.equal(driftOf({ cpu: '1000m' }, { cpu: '1' }), null)
  assert.equal(driftOf(wanted, {}), 'spec')
})
