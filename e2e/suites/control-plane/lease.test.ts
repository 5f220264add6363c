import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isWrite, labelOf } from '../../cluster/api-proxy/api-call.ts'
import { ApiProxy } from '../../cluster/api-proxy/api-proxy.ts'
import { waitUntil } from '../../cluster/process/wait-until.ts'
import { OperatorProcess } from '../../operator/operator-process.ts'
import { NAMESPACE, Stage } from '../../operator/stage.ts'
import { TestnetHandle } from '../../operator/testnets.ts'

const MAX_MS = 180_000
/** After it is woken: time for everything that it might do. */
const AWAKE_MS = 15_000

describe('two operators, of which one holds the lease', () => {
  let stage: Stage
  let firstProxy: ApiProxy
  let first: OperatorProcess
  let second: OperatorProcess
  let demo: TestnetHandle

  before(async () => {
    stage = await Stage.set({ name: 'lease' })
    firstProxy = new ApiProxy(stage.cluster.access)
    const { token } = stage
    const options = { namespace: NAMESPACE, token }
    first = await OperatorProcess.start(stage.cluster, {
      ...options,
      url: await firstProxy.listen(),
    })
    demo = new TestnetHandle(stage.cluster.api, NAMESPACE, 'demo')
    await demo.apply()
    await demo.becomes('Ready', 'True', MAX_MS)
    second = await OperatorProcess.start(stage.cluster, { ...options, url: stage.url })
  })
  after(async () => {
    await first?.kill()
    await second?.kill()
    await firstProxy?.close()
    await stage?.stop()
  })

  test('only the holder writes', async () => {
    await waitUntil('the copies of the other', MAX_MS, () =>
      stage.proxy.calls.some(({ verb, resource }) => verb === 'watch' && resource === 'testnets'),
    )
    assert.deepEqual(stage.proxy.calls.filter(isWrite).map(labelOf), [])
  })

  test('a holder that was stopped, and wakes when another one holds it, writes nothing more', async () => {
    first.signal('SIGSTOP')
    // In the middle of work: the second one has to finish what the first one knows of.
    await demo.apply({ image: 'localhost/shardnet:2' })
    await waitUntil(
      'the first write of the successor',
      MAX_MS,
      () => stage.proxy.calls.filter(isWrite).some(({ resource }) => resource === 'statefulsets'),
      () => second.log(),
    )
    await demo.becomes('Ready', 'True', MAX_MS)
    firstProxy.forget()
    first.signal('SIGCONT')
    await new Promise((resolve) => setTimeout(resolve, AWAKE_MS))
    const written = firstProxy.calls.filter(isWrite).filter(({ resource }) => resource !== 'leases')
    assert.deepEqual(written.map(labelOf), [])
    await demo.remove()
    await demo.isGone(MAX_MS)
  })
})
