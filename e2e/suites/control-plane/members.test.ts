import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { kubeconfigText } from '../../cluster/api/kubeconfig.ts'
import { ApiProxy } from '../../cluster/api-proxy/api-proxy.ts'
import { type Cluster, startCluster } from '../../cluster/cluster.ts'
import { capture } from '../../cluster/process/capture.ts'
import { waitUntil } from '../../cluster/process/wait-until.ts'
import { install, operatorToken } from '../../operator/install.ts'
import { OperatorProcess } from '../../operator/operator-process.ts'
import { TestnetHandle } from '../../operator/testnets.ts'

const NAMESPACE = 'shardnet'
const MAX_MS = 240_000
const MEMBERS = ['east', 'west'] as const
const placement = { clusters: MEMBERS.map((name) => ({ name })) }

const CLI = join(import.meta.dirname, '..', '..', '..', 'cli', 'src', 'main.ts')

/**
 * A hub and two members, each with an API server of its own. The hub reaches a member by the account that the member's chart
 * makes for it, through a proxy that can be cut.
 */
describe('a testnet over two member clusters', () => {
  const clusters: Cluster[] = []
  const operators: OperatorProcess[] = []
  const proxies: ApiProxy[] = []
  let hub: Cluster
  let demo: TestnetHandle
  let startHubAgain: () => Promise<OperatorProcess>

  before(async () => {
    hub = await member('hub', 'hub')
    for (const name of MEMBERS) {
      const cluster = await member(name, 'member')
      const proxy = new ApiProxy(cluster.access)
      proxies.push(proxy)
      const access = { ...cluster.access, url: await proxy.listen() }
      const said = await joinHub(name, kubeconfigText(name, access))
      assert.match(said, new RegExp(`The hub reaches ${name}`))
    }
    demo = new TestnetHandle(hub.api, NAMESPACE, 'demo')
  })
  after(async () => {
    for (const operator of operators) await operator.kill()
    for (const proxy of proxies) await proxy.close()
    await Promise.all(clusters.map((cluster) => cluster.stop()))
  })

  async function member(name: string, role: 'hub' | 'member'): Promise<Cluster> {
    const cluster = await startCluster({
      name,
      // As many ports as a shard of four has gateways.
      proportions: { nodePorts: '30000-30001' },
      ...(role === 'hub' ? {} : { fakeNodes: { count: 3 } }),
    })
    clusters.push(cluster)
    await install(cluster, {
      namespace: NAMESPACE,
      values: { role, gateways: role === 'member', hubAccess: role === 'member' },
    })
    const token = await operatorToken(cluster, NAMESPACE)
    const environment = { SHARDNET_ROLE: role }
    const options = { namespace: NAMESPACE, token, environment }
    operators.push(await OperatorProcess.start(cluster, options))
    if (role === 'hub') startHubAgain = () => OperatorProcess.start(cluster, options)
    return cluster
  }

  /** As a person does who has a context for each of them. */
  async function joinHub(name: string, kubeconfig: string): Promise<string> {
    const file = join(hub.folder, `${name}.kubeconfig`)
    await writeFile(file, kubeconfig, { mode: 0o600 })
    const env = { ...process.env, KUBECONFIG: `${hub.kubeconfig}:${file}` }
    const words = [
      'join',
      name,
      '--context',
      name,
      '--hub-context',
      'hub',
      '--namespace',
      NAMESPACE,
    ]
    const { code, text } = await capture(process.execPath, [CLI, ...words], { env })
    assert.equal(code, 0, text)
    return text
  }

  const shardsIn = async (cluster: Cluster): Promise<readonly string[]> => {
    const words = ['get', 'shards', '--namespace', NAMESPACE, '--output', 'name']
    return (await cluster.mustRun('kubectl', words)).trim().split('\n').filter(Boolean)
  }

  test('says when a gateway finds no port, and gives it one when there is one', async () => {
    const [, east] = clusters
    assert.ok(east !== undefined)
    const words = ['create', 'service', 'nodeport', 'other', '--tcp=80', '--namespace', NAMESPACE]
    await east.mustRun('kubectl', words)
    await demo.apply({ placement })
    const { message } = await demo.becomes('Degraded', 'True', MAX_MS, 'NodePortsExhausted')
    assert.match(message, /2 gateways .* range is full.*--service-node-port-range/)
    await demo.becomes('Ready', 'True', MAX_MS)
    await east.mustRun('kubectl', ['delete', 'service', 'other', '-n', NAMESPACE])
    await demo.becomes('Degraded', 'False', MAX_MS)
  })

  test('has each shard in one of them, and is ready', async () => {
    await demo.becomes('Ready', 'True', MAX_MS)
    const [, east, west] = clusters
    assert.ok(east !== undefined && west !== undefined)
    assert.equal((await shardsIn(east)).length, 1)
    assert.equal((await shardsIn(west)).length, 1)
  })

  test('puts back what somebody takes away of the network in a member', async () => {
    const [, east] = clusters
    assert.ok(east !== undefined)
    const names = [
      'configmap/demo-g1-peers',
      'configmap/demo-g1-genesis-0',
      'networkpolicy/demo-g1',
    ]
    const uids = async (): Promise<readonly string[]> => {
      const words = ['get', ...names, '--namespace', NAMESPACE, '--ignore-not-found']
      const text = await east.mustRun('kubectl', [
        ...words,
        '-o',
        'jsonpath={.items[*].metadata.uid}',
      ])
      return text.split(' ').filter(Boolean)
    }
    const before = await uids()
    assert.equal(before.length, names.length)
    await east.mustRun('kubectl', ['delete', ...names, '--namespace', NAMESPACE])
    await waitUntil('all of it again', MAX_MS, async () => {
      const now = await uids()
      return now.length === names.length && now.every((uid) => !before.includes(uid))
    })
    await demo.becomes('Ready', 'True', MAX_MS)
  })

  test('does not believe for a moment, when the operator starts again, that what runs there is lost', async () => {
    const seen = async (): Promise<readonly string[]> => {
      const found = [await demo.becomes('Ready', 'True', MAX_MS)]
      found.push(await demo.becomes('Degraded', 'False', MAX_MS))
      return found.map(({ lastTransitionTime }) => lastTransitionTime)
    }
    const before = await seen()
    const [first] = operators
    await first?.kill()
    // An edit that changes nothing that runs: its generation is in the conditions once the new operator has looked.
    await demo.apply({ placement, ttl: '12h' })
    operators.push(await startHubAgain())
    assert.deepEqual(await seen(), before)
  })

  test('says so when one cannot be reached, and goes on by itself when it can', async () => {
    const [, west] = proxies
    assert.ok(west !== undefined)
    west.interference = { onCall: () => ({ kind: 'cutBefore' }) }
    west.cutConnections()
    await waitUntil('a word about the cluster', MAX_MS, async () => {
      const words = ['get', 'cluster', 'west', '-n', NAMESPACE, '-o', 'jsonpath={.status}']
      return (
        /"Ready"/.test(await hub.mustRun('kubectl', words)) &&
        /"status":"False"/.test(await hub.mustRun('kubectl', words))
      )
    })
    west.interference = {}
    await waitUntil('the cluster again', MAX_MS, async () => {
      const words = [
        'wait',
        '--for=condition=Ready',
        'cluster/west',
        '-n',
        NAMESPACE,
        '--timeout=1s',
      ]
      return (await hub.run('kubectl', words)).code === 0
    })
    await demo.becomes('Ready', 'True', MAX_MS)
  })

  test('is deleted in all of them', async () => {
    await demo.remove()
    await demo.isGone(MAX_MS)
    for (const cluster of clusters.slice(1)) {
      assert.deepEqual(await shardsIn(cluster), [])
      const kinds = 'configmaps,networkpolicies,secrets'
      const words = ['get', kinds, '--namespace', NAMESPACE, '-l', 'shardnet.dev/testnet=demo']
      assert.equal((await cluster.mustRun('kubectl', [...words, '--output', 'name'])).trim(), '')
    }
  })
})
