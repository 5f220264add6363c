import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import type { Cluster } from '../../cluster/cluster.ts'
import { InfraStage } from '../../pulumi/infra-stage.ts'
import { objectVersions, written } from '../../pulumi/object-versions.ts'
import { RecordedClouds } from '../../pulumi/recorded-clouds.ts'
import { changes, PulumiStack, succeeded } from '../../pulumi/pulumi-stack.ts'

const EXAMPLE = join(import.meta.dirname, '../../../infra/Pulumi.example.yaml')
const NAMES = ['aws-us-east-1', 'gcp-europe-west4', 'azure-westeurope'] as const
const POOL = 'gcp:container/nodePool:NodePool::gcp-europe-west4-floor'
const NETWORK = 'aws:ec2/vpc:Vpc::aws-us-east-1-network'

/**
 * The example stack under the real engine. The clouds are recorded: they answer as the real ones do and keep what they made in
 * files. The clusters that they claim to have made are real API servers, reached as kubeconfigs of that cloud say.
 */
describe('infra/ on three recorded clouds', () => {
  let stage: InfraStage
  let stack: PulumiStack
  let clouds: RecordedClouds
  let bare: readonly ReadonlyMap<string, string>[]
  let config: Record<string, unknown>

  before(async () => {
    stage = await InfraStage.set(['aws', 'gcp', 'azure'])
    clouds = new RecordedClouds(stage.project.clouds)
    await clouds.standIn(
      Object.fromEntries(stage.clusters.map((each, index) => [NAMES[index], each])),
    )
    bare = await versions()
    stack = await PulumiStack.init(stage.project, 'mine')
    const example = parse(await readFile(EXAMPLE, 'utf8')) as {
      readonly config: Readonly<Record<string, unknown>>
    }
    config = Object.fromEntries(
      Object.entries(example.config).map(([key, value]) => [key.replace('shardnet:', ''), value]),
    )
    await stack.configure(config)
  })
  after(() => stage?.stop())

  const versions = (): Promise<readonly ReadonlyMap<string, string>[]> =>
    Promise.all(stage.clusters.map(objectVersions))

  test('an `up` in which a cloud fails says where, and the next one goes on from there', async () => {
    await clouds.failOnce('create', POOL)
    const failed = await stack.up()
    assert.notEqual(failed.code, 0)
    assert.match(failed.said, /gcp-europe-west4-floor: the cloud is out of order/)
    const made = await clouds.calls()
    succeeded(await stack.up())
    const again = (await clouds.calls()).slice(made.length)
    assert.ok(again.some((call) => call.includes(POOL)))
    const twice = again.filter((call) => made.includes(call))
    assert.deepEqual(twice, [], 'nothing that was there is made again')
  })

  test('all clusters are members of one testnet', async () => {
    const [hub] = stage.clusters as readonly [Cluster]
    const words = ['--namespace', 'shardnet', 'get', 'clusters.shardnet.dev', '-o', 'json']
    const { items } = JSON.parse(await hub.mustRun('kubectl', words)) as {
      readonly items: readonly {
        readonly metadata: { readonly name: string }
        readonly spec: { readonly cloud: string }
      }[]
    }
    assert.deepEqual(
      items.map(({ metadata, spec }) => [metadata.name, spec.cloud]),
      [
        ['aws-us-east-1', 'aws'],
        ['azure-westeurope', 'azure'],
        ['gcp-europe-west4', 'gcp'],
      ],
    )
    const state = JSON.stringify(await stack.resources())
    for (const { controlPlane } of stage.clusters)
      assert.ok(!state.includes(controlPlane.access.token), 'a token stands in the state')
  })

  test('`up` again and `refresh` change nothing, and nothing is written', async () => {
    const [made, calls] = [await versions(), await clouds.calls()]
    for (const run of [
      await stack.up('--expect-no-changes'),
      await stack.refresh('--expect-no-changes'),
      await stack.up('--expect-no-changes'),
    ]) {
      succeeded(run)
      assert.deepEqual(run.steps, [])
    }
    const now = await versions()
    assert.deepEqual(
      made.map((each, index) => written(each, now[index] ?? new Map())),
      [[], [], []],
    )
    assert.deepEqual(await clouds.calls(), calls)
  })

  test('another time to live changes the testnet and no cloud', async () => {
    const calls = await clouds.calls()
    config = { ...config, testnet: { ...(config['testnet'] as object), ttl: '9h' } }
    await stack.configure(config)
    const run = await stack.up()
    succeeded(run)
    assert.deepEqual(changes(run), ['update kubernetes:shardnet.dev/v1alpha1:Testnet::demo'])
    assert.deepEqual(await clouds.calls(), calls)
  })

  test('`refresh` sees what vanished from a cloud, and `up` makes it again', async () => {
    const budget = 'gcp:billing/budget:Budget::gcp-europe-west4'
    await clouds.vanish(budget)
    assert.notEqual((await stack.refresh('--expect-no-changes')).code, 0)
    const run = await stack.up()
    succeeded(run)
    assert.deepEqual(changes(run), [`create ${budget}`])
  })

  test('`destroy` takes the testnet first and networks last, over a failure, and leaves nothing', async () => {
    await clouds.failOnce('delete', NETWORK)
    const failed = await stack.destroy()
    assert.notEqual(failed.code, 0)
    assert.match(failed.said, /aws-us-east-1-network: the cloud is out of order/)
    const again = await stack.destroy()
    succeeded(again)
    const order = [...changes(failed), ...changes(again)].map((step) => step.replace('delete ', ''))
    assert.equal(order[0], 'kubernetes:shardnet.dev/v1alpha1:Testnet::demo')
    for (const name of NAMES) inOrder(order, name)
    assert.deepEqual(await stack.resources(), [])
    assert.deepEqual(await clouds.left(), [])
    const now = await versions()
    const left = bare.flatMap((each, index) => written(each, now[index] ?? new Map()))
    // With a real cloud they go with the cluster.
    assert.deepEqual(
      left.filter((key) => !/^CustomResourceDefinition \/\w+\.shardnet\.dev$/.test(key)),
      [],
    )
  })
})

/** In each cluster: what runs on it, its machines, itself, its network. */
function inOrder(order: readonly string[], name: string): void {
  const of = (pattern: RegExp): readonly number[] =>
    order.flatMap((place, index) => (place.includes(name) && pattern.test(place) ? [index] : []))
  const stages = [
    of(/^kubernetes:/),
    of(/(?:NodeGroup|NodePool|AgentPool)::/),
    of(/^(?:aws:eks\/cluster|gcp:container\/cluster|azure-native:containerservice:ManagedCluster)/),
    of(/(?:vpc:Vpc|network:Network|network:VirtualNetwork)::/),
  ]
  for (const [index, stage] of stages.entries()) {
    assert.ok(stage.length > 0, `${name}: stage ${index} is empty\n${order.join('\n')}`)
    const [, next] = [stage, stages[index + 1] ?? []]
    assert.ok(Math.max(...stage) < Math.min(...next, Infinity), `${name}: ${order.join('\n')}`)
  }
}
