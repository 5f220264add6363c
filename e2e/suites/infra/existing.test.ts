import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { kubeconfigText } from '../../cluster/api/kubeconfig.ts'
import type { ApiCall } from '../../cluster/api-proxy/api-call.ts'
import { ApiProxy, type ServerCertificate } from '../../cluster/api-proxy/api-proxy.ts'
import type { Fate } from '../../cluster/api-proxy/interference.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { InfraStage } from '../../pulumi/infra-stage.ts'
import { objectVersions, written } from '../../pulumi/object-versions.ts'
import { changes, PulumiStack, succeeded } from '../../pulumi/pulumi-stack.ts'

const TESTNET = 'kubernetes:shardnet.dev/v1alpha1:Testnet::demo'
/** Helm leaves kinds where they are: deleting one deletes every object of it, whoever made it. */
const KINDS = /^CustomResourceDefinition \/\w+\.shardnet\.dev$/
const JSON_OBJECT = ['-o', 'json'] as const

/** The real engine and provider of Pulumi against real API servers, the first of them behind a proxy that can fail. */
describe('infra/ on two clusters that are there already', () => {
  let stage: InfraStage
  let hub: Cluster
  let proxy: ApiProxy
  let stack: PulumiStack
  let bare: readonly ReadonlyMap<string, string>[]
  let config: Readonly<Record<string, unknown>>

  before(async () => {
    stage = await InfraStage.set(['east', 'west'])
    const [east, west] = stage.clusters as [Cluster, Cluster]
    hub = east
    proxy = new ApiProxy(east.controlPlane.access, await certificateOf(east))
    const access = { ...east.controlPlane.access, url: await proxy.listen() }
    stack = await PulumiStack.init(stage.project, 'mine')
    bare = await versions()
    config = {
      image: 'registry.example/shardnet:1.0',
      owner: 'team-a',
      expires: '2026-12-15',
      apiAllowedCidrs: ['203.0.113.0/24'],
      budget: { usd: 500, email: 'sre@example.org' },
      testnet: { name: 'demo', shards: 2, validatorsPerShard: 4 },
      clouds: [
        existing('east', await fileOf('east', kubeconfigText('east', access))),
        existing('west', west.kubeconfig),
      ],
    }
  })
  after(async () => {
    await proxy?.close()
    await stage?.stop()
  })
  afterEach(() => {
    proxy.interference = {}
  })

  const existing = (name: string, kubeconfigFile: string) => ({
    cloud: 'existing',
    name,
    kubeconfigFile,
  })

  async function fileOf(name: string, text: string): Promise<string> {
    const path = join(stage.folder, `${name}.kubeconfig`)
    await writeFile(path, text)
    return path
  }

  const versions = (): Promise<readonly ReadonlyMap<string, string>[]> =>
    Promise.all(stage.clusters.map(objectVersions))

  async function writtenSince(before: readonly ReadonlyMap<string, string>[]) {
    const now = await versions()
    return before.map((each, index) => written(each, now[index] ?? new Map()))
  }

  /** The first call that matches gets this fate; all others pass. */
  function once(matches: (call: ApiCall) => boolean, fate: Fate): void {
    let isDone = false
    proxy.interference = {
      onCall: (call) => {
        if (isDone || !matches(call)) return { kind: 'forward' }
        isDone = true
        return fate
      },
    }
  }

  async function nothingIsLeft(): Promise<void> {
    for (const left of await writtenSince(bare))
      assert.deepEqual(
        left.filter((key) => !KINDS.test(key)),
        [],
      )
    assert.deepEqual(await stack.resources(), [])
  }

  test('names kubeconfigs that do not connect or whose credentials ended, and makes nothing', async () => {
    const closed = { ...hub.controlPlane.access, url: 'https://127.0.0.1:1' }
    const expired = { ...hub.controlPlane.access, token: 'of-yesterday' }
    await stack.configure({
      ...config,
      clouds: [
        existing('closed', await fileOf('closed', kubeconfigText('closed', closed))),
        existing('expired', await fileOf('expired', kubeconfigText('expired', expired))),
      ],
    })
    const run = await stack.up()
    assert.notEqual(run.code, 0)
    assert.match(run.said, /shardnet:clouds\[0\]\.kubeconfigFile: .*ECONNREFUSED/)
    assert.match(run.said, /shardnet:clouds\[1\]\.kubeconfigFile: .*refuses these credentials/)
    assert.deepEqual(changes(run), [])
    assert.deepEqual(await writtenSince(bare), [[], []])
  })

  test('`up` makes kinds, operators, members and one testnet', async () => {
    await stack.configure(config)
    succeeded(await stack.up())
    const [east, west] = stage.clusters as [Cluster, Cluster]
    const member = await read(east, 'clusters.shardnet.dev', 'west')
    assert.deepEqual(member.spec['kubeconfigSecret'], {
      name: 'west-kubeconfig',
      key: 'kubeconfig',
    })
    const { spec } = await read(east, 'testnet', 'demo')
    assert.equal(spec['shards'], 2)
    const roles = [east, west].map(async (cluster) => {
      const { spec } = await read(cluster, 'deployment', 'shardnet-operator')
      return /"SHARDNET_ROLE","value":"(\w+)"/.exec(JSON.stringify(spec))?.[1]
    })
    assert.deepEqual(await Promise.all(roles), ['both', 'member'])
    assert.equal((await west.run('kubectl', ['-n', 'shardnet', 'get', 'testnet', 'demo'])).code, 1)
    await theHubReaches(west)
  })

  /** The account that the program made for the hub answers at the member's API server, in its namespace and no other. */
  async function theHubReaches(member: Cluster): Promise<void> {
    const secret = (await read(hub, 'secret', 'west-kubeconfig')) as unknown as {
      readonly data: Readonly<Record<string, string>>
    }
    const text = Buffer.from(secret.data['kubeconfig'] ?? '', 'base64').toString('utf8')
    const path = await fileOf('of-the-hub', text)
    const may = (namespace: string) =>
      member.run('kubectl', [
        '--kubeconfig',
        path,
        ...['auth', 'can-i', 'create', 'shards.shardnet.dev', '-n', namespace],
      ])
    assert.equal((await may('shardnet')).text.trim(), 'yes')
    assert.match((await may('default')).text, /no/)
  }

  test('`up` again and `refresh` change nothing, and nothing is written', async () => {
    const made = await versions()
    for (const run of [
      await stack.up('--expect-no-changes'),
      await stack.refresh('--expect-no-changes'),
      await stack.up('--expect-no-changes'),
    ]) {
      succeeded(run)
      assert.deepEqual(run.steps, [])
    }
    assert.deepEqual(await writtenSince(made), [[], []])
  })

  test('`up` with another number of shards changes the testnet, and what its price stands in', async () => {
    const made = await versions()
    config = { ...config, testnet: { name: 'demo', shards: 3, validatorsPerShard: 4 } }
    await stack.configure(config)
    const run = await stack.up()
    succeeded(run)
    const changed = changes(run)
    assert.ok(changed.includes(`update ${TESTNET}`), changed.join('\n'))
    const others = changed.filter(
      (step) => !/^update .*(?:Testnet::demo|Release::\w+-platform-monitoring)$/.test(step),
    )
    assert.deepEqual(others, [])
    for (const keys of await writtenSince(made))
      for (const key of keys) assert.match(key, /^Testnet | shardnet-monitoring\//)
    assert.equal((await read(hub, 'testnet', 'demo')).spec['shards'], 3)
  })

  test('`refresh` sees what a hand changed and what a hand deleted, and `up` puts both right', async () => {
    const patch = JSON.stringify({ spec: { shards: 5 } })
    await inHub('patch', 'testnet', 'demo', '--type=merge', '--patch', patch)
    await inHub('delete', 'clusters.shardnet.dev', 'west')
    const seen = await stack.refresh('--expect-no-changes')
    assert.notEqual(seen.code, 0)
    assert.match(seen.said, /no changes were expected but changes occurred/)
    const run = await stack.up()
    succeeded(run)
    assert.deepEqual([...changes(run)].sort(), [
      'create kubernetes:shardnet.dev/v1alpha1:Cluster::west-cluster',
      `update ${TESTNET}`,
    ])
    assert.equal((await read(hub, 'testnet', 'demo')).spec['shards'], 3)
    succeeded(await stack.refresh('--expect-no-changes'))
  })

  test('`destroy` takes the testnet first and namespaces last, and leaves the kinds alone', async () => {
    const run = await stack.destroy()
    succeeded(run)
    const order = changes(run)
    assert.equal(order[0], `delete ${TESTNET}`)
    const lastOf = (pattern: RegExp) => order.findLastIndex((step) => pattern.test(step))
    const firstOf = (pattern: RegExp) => order.findIndex((step) => pattern.test(step))
    assert.ok(lastOf(/:Cluster::/) < firstOf(/:Release::/), order.join('\n'))
    assert.ok(lastOf(/-operator$/) < firstOf(/-crds$/), order.join('\n'))
    assert.ok(lastOf(/:Release::/) < firstOf(/:Namespace::.*-shardnet$/), order.join('\n'))
    await nothingIsLeft()
  })

  test('a chart that fails once is repeated by the next `up`, without a hand', async () => {
    once(isWriteOf('deployments', 'shardnet-operator'), { kind: 'answer', status: 403 })
    const failed = await stack.up()
    assert.notEqual(failed.code, 0)
    assert.match(failed.said, /east-platform-operator/)
    succeeded(await stack.up())
    succeeded(await stack.up('--expect-no-changes'))
    succeeded(await stack.refresh('--expect-no-changes'))
  })

  test('an answer that is lost with the testnet made is no reason for a hand either', async () => {
    await inHub('delete', 'testnet', 'demo')
    succeeded(await stack.refresh())
    once(isWriteOf('testnets', 'demo'), { kind: 'cutAfter' })
    const first = await stack.up()
    if (first.code !== 0) succeeded(await stack.up())
    assert.equal((await read(hub, 'testnet', 'demo')).spec['shards'], 3)
    succeeded(await stack.up('--expect-no-changes'))
    succeeded(await stack.destroy())
    await nothingIsLeft()
  })

  test('what a failed `up` made is destroyed without a hand', async () => {
    once(isWriteOf('clusters', 'west'), { kind: 'answer', status: 403 })
    const failed = await stack.up()
    assert.notEqual(failed.code, 0)
    assert.match(failed.said, /west-cluster/)
    succeeded(await stack.destroy())
    await nothingIsLeft()
  })

  const inHub = (...words: readonly string[]) =>
    hub.mustRun('kubectl', ['--namespace', 'shardnet', ...words])
})

/** The API server's own: what trusts it trusts the proxy. */
async function certificateOf({ folder }: Cluster): Promise<ServerCertificate> {
  const [cert, key] = await Promise.all(
    ['crt', 'key'].map((end) => readFile(join(folder, 'certificates', `apiserver.${end}`), 'utf8')),
  )
  return { cert: cert ?? '', key: key ?? '' }
}

function isWriteOf(resource: string, name: string): (call: ApiCall) => boolean {
  return (call) =>
    ['create', 'apply', 'patch'].includes(call.verb) &&
    call.resource === resource &&
    call.name === name
}

async function read(cluster: Cluster, kind: string, name: string) {
  const words = ['--namespace', 'shardnet', 'get', kind, name, ...JSON_OBJECT]
  return JSON.parse(await cluster.mustRun('kubectl', words)) as {
    readonly spec: Readonly<Record<string, unknown>>
  }
}
