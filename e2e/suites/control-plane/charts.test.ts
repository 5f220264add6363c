import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { SCHEMA_FILES, writeKindSchemas } from '../../cluster/api/kind-schemas.ts'
import { type Cluster, startCluster } from '../../cluster/cluster.ts'
import { capture, type Captured } from '../../cluster/process/capture.ts'
import { CHARTS, settingsOf, type Values } from '../../operator/install.ts'

/** Ways to install the operator that make different objects. */
const installations: Readonly<Record<string, Values>> = {
  'as it comes': {},
  'a hub': { role: 'hub' },
  'a member with gateways': { role: 'member', gateways: true },
  'a member that a hub may reach': { role: 'member', gateways: true, hubAccess: true },
  'several namespaces, by digest, with everything said': {
    namespaces: ['one', 'two'],
    hubAccess: true,
    'image.digest': `sha256:${'0'.repeat(64)}`,
    imagePullSecrets: [{ name: 'pull' }],
    podAnnotations: { note: 'one' },
    podLabels: { team: 'nets' },
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ key: 'only', operator: 'Exists', effect: 'NoSchedule' }],
    priorityClassName: 'system-cluster-critical',
  },
  'one replica without extras': {
    replicas: 1,
    podDisruptionBudget: false,
    metricsService: false,
  },
}

describe('the charts', () => {
  let cluster: Cluster
  let schemas: string

  before(async () => {
    cluster = await startCluster({ name: 'charts' })
    schemas = join(cluster.folder, 'schemas')
    assert.ok((await writeKindSchemas(cluster.api, schemas)) > 100)
  })
  after(() => cluster?.stop())

  const render = (chart: string, values: Values = {}): Promise<string> =>
    cluster.mustRun('helm', [
      ...['template', 'release', join(CHARTS, chart), '--namespace', 'place'],
      ...settingsOf(values),
    ])
  const conform = async (text: string): Promise<Captured> => {
    const file = join(cluster.folder, 'rendered.yaml')
    await writeFile(file, text)
    const words = ['-strict', '-summary', '-schema-location', join(schemas, SCHEMA_FILES), file]
    return capture(join(cluster.tools, 'kubeconform'), words)
  }

  for (const chart of ['shardnet-crds', 'shardnet-operator'])
    test(`${chart} passes helm lint --strict`, async () => {
      const { code, text } = await cluster.run('helm', ['lint', '--strict', join(CHARTS, chart)])
      assert.equal(code, 0, text)
    })

  test('the kinds are as the API server wants them', async () => {
    const { code, text } = await conform(await render('shardnet-crds'))
    assert.equal(code, 0, text)
    assert.match(text, /Valid: 9, Invalid: 0, Errors: 0, Skipped: 0/)
  })

  for (const [name, values] of Object.entries(installations))
    test(`the operator is as the API server wants it: ${name}`, async () => {
      const rendered = await render('shardnet-operator', values)
      const { code, text } = await conform(rendered)
      assert.equal(code, 0, text)
      assert.match(text, /Valid: [1-9]\d*, Invalid: 0, Errors: 0, Skipped: 0/)
      const input = `${rendered}\n`
      for (const namespace of ['place', 'one', 'two'])
        await cluster.run('kubectl', ['create', 'namespace', namespace])
      const dryRun = ['apply', '--dry-run=server', '--validate=strict', '-f', '-']
      const applied = await cluster.run('kubectl', dryRun, input)
      assert.equal(applied.code, 0, applied.text)
    })

  test('an object with a field that is none is not: the check can fail', async () => {
    const rendered = await render('shardnet-operator')
    const { code, text } = await conform(rendered.replace('replicas:', 'replicaz:'))
    assert.notEqual(code, 0)
    assert.match(text, /replicaz/)
  })

  test('a hub gets no account for a hub', async () => {
    const words = ['template', 'release', join(CHARTS, 'shardnet-operator')]
    const values = settingsOf({ role: 'hub', hubAccess: true })
    const { code, text } = await cluster.run('helm', [...words, ...values])
    assert.notEqual(code, 0)
    assert.match(text, /hubAccess is for a member/)
  })

  test('values that are none are refused before anything is rendered', async () => {
    const words = ['template', 'release', join(CHARTS, 'shardnet-operator'), '--set', 'rolle=hub']
    const { code, text } = await cluster.run('helm', words)
    assert.notEqual(code, 0)
    assert.match(text, /rolle/)
  })
})
