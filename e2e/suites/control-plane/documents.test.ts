import { invalidDocuments, validDocument } from '@shardnet/operator/crd'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ApiAnswer } from '../../cluster/api/api-client.ts'
import { type Cluster, startCluster } from '../../cluster/cluster.ts'
import { waitUntil } from '../../cluster/process/wait-until.ts'
import { install } from '../../operator/install.ts'
import { NAMESPACE } from '../../operator/stage.ts'

const plurals = {
  Testnet: 'testnets',
  Shard: 'shards',
  LoadTest: 'loadtests',
  Fault: 'faults',
  Cluster: 'clusters',
} as const
const EXPLAINED_MAX_MS = 30_000
const kinds = ['Testnet', 'Shard', 'LoadTest', 'Fault', 'Cluster'] as const

describe('the API server, with the chart of kinds', () => {
  let cluster: Cluster

  before(async () => {
    cluster = await startCluster({ name: 'documents' })
    await install(cluster, { namespace: NAMESPACE })
  })
  after(() => cluster?.stop())

  const send = (kind: (typeof kinds)[number], object: object, isReal = false): Promise<ApiAnswer> =>
    cluster.api.ask({
      method: 'POST',
      path: `${pathOf(kind)}?fieldValidation=Strict${isReal ? '' : '&dryRun=All'}`,
      body: object,
    })
  const change = (kind: (typeof kinds)[number], object: object): Promise<ApiAnswer> =>
    cluster.api.ask({
      method: 'PATCH',
      path: `${pathOf(kind)}/invalid?fieldValidation=Strict&dryRun=All`,
      body: object,
      contentType: 'application/merge-patch+json',
    })

  test('takes the kinds as structural, and explains them', async () => {
    const text = await cluster.mustRun('kubectl', ['get', 'crd', '-o', 'json'])
    const { items } = JSON.parse(text) as {
      readonly items: readonly {
        readonly metadata: { readonly name: string }
        readonly status: { readonly conditions: readonly { type: string; status: string }[] }
      }[]
    }
    assert.equal(items.length, kinds.length)
    for (const { metadata, status } of items) {
      const found = status.conditions.map(({ type, status }) => `${type}=${status}`).sort()
      assert.deepEqual(found, ['Established=True', 'NamesAccepted=True'], metadata.name)
    }
    // The API server publishes what `explain` reads a moment after the kind is established, and says nothing when it has.
    let explained = { code: null as number | null, text: '' }
    await waitUntil(
      'the description of kinds',
      EXPLAINED_MAX_MS,
      async () => {
        explained = await cluster.run('kubectl', ['explain', 'testnet.spec.shards'])
        return explained.code === 0
      },
      () => explained.text,
    )
    assert.match(explained.text, /FIELD: shards <integer>/)
    assert.match(explained.text, /DESCRIPTION:\s+\S+/)
  })

  for (const kind of kinds) {
    test(`takes a valid ${kind}`, async () => {
      const { status, body } = await send(kind, validDocument(kind))
      assert.equal(status, 201, JSON.stringify(body))
    })
    for (const { title, before, object, field, says } of invalidDocuments(kind))
      test(`refuses: ${title}`, async () => {
        if (before !== undefined) {
          await cluster.api.ask({ method: 'DELETE', path: `${pathOf(kind)}/invalid` })
          const made = await send(kind, before, true)
          assert.equal(made.status, 201, JSON.stringify(made.body))
        }
        const { status, body } =
          before === undefined ? await send(kind, object) : await change(kind, object)
        assert.ok(status === 422 || status === 400, `${status}: ${JSON.stringify(body)}`)
        const { message = '' } = body as { readonly message?: string }
        assert.ok(message.includes(says), `says "${says}": ${message}`)
        assert.ok(message.includes(field), `names ${field}: ${message}`)
      })
  }
})

function pathOf(kind: (typeof kinds)[number]): string {
  return `/apis/shardnet.dev/v1alpha1/namespaces/${NAMESPACE}/${plurals[kind]}`
}
