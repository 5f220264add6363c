import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { stringify } from 'yaml'
import { type ChartObject, helm, renderChart, type Rendering } from '../../monitoring/chart.ts'
import { capture } from '../../cluster/process/capture.ts'
import { prometheusProgram } from '../../monitoring/prometheus-programs.ts'

const price = { testnet: 'demo', perHour: 12.5, budget: 100 }
const stack = ['PodMonitor', 'PrometheusRule'].map((kind) => `monitoring.coreos.com/v1/${kind}`)

/** Ways in which people use the chart. */
const renderings = {
  'as it comes': {},
  'beside kube-prometheus-stack': { kinds: stack, values: { cluster: 'a', price } },
  'with a Prometheus and a Grafana of its own': {
    values: {
      cluster: 'a',
      price,
      runbookBase: 'https://example.org/shardnet/',
      prometheus: { enabled: true, storage: { size: '10Gi' }, extraSecrets: ['store'] },
      grafana: { enabled: true, adminSecret: 'admin' },
    },
  },
  'as an agent that forwards': {
    values: {
      cluster: 'a',
      prometheus: {
        enabled: true,
        mode: 'agent',
        remoteWrite: [{ url: 'https://store.example.org/api/v1/push' }],
        externalLabels: { cloud: 'aws', region: 'eu-west-1' },
      },
    },
  },
} as const satisfies Record<string, Rendering>

const kindsOf = (objects: readonly ChartObject[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Map.groupBy(objects, ({ kind }) => kind)
      .entries()
      .map(([kind, each]) => [kind, each.length]),
  )

describe('the chart of the monitoring', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shardnet-chart-'))
  after(() => rmSync(folder, { recursive: true }))
  const promtool = async (...words: readonly string[]): Promise<void> => {
    const { code, text } = await capture(await prometheusProgram('promtool'), words)
    assert.equal(code, 0, text)
  }

  for (const [way, rendering] of Object.entries(renderings))
    test(`passes helm lint --strict ${way}`, async () => {
      // A linter knows no cluster, so the kinds of others are left out.
      const { code, text } = await helm(
        'lint',
        { values: 'values' in rendering ? rendering.values : {} },
        '--strict',
      )
      assert.equal(code, 0, text)
    })

  test('as it comes it makes one ConfigMap for each board, and nothing that a cluster may not know', async () => {
    const objects = await renderChart(renderings['as it comes'])
    assert.deepEqual(kindsOf(objects), { ConfigMap: 7 })
    for (const { data } of objects)
      for (const text of Object.values(data ?? {})) assert.ok(JSON.parse(text).panels.length > 0)
  })

  test('beside kube-prometheus-stack it makes monitors and rules that promtool takes', async () => {
    const objects = await renderChart(renderings['beside kube-prometheus-stack'])
    assert.deepEqual(kindsOf(objects), { ConfigMap: 7, PodMonitor: 3, PrometheusRule: 3 })
    const files = objects.flatMap(({ kind, metadata, spec }) => {
      if (kind !== 'PrometheusRule') return []
      const file = join(folder, `${metadata.name}.yaml`)
      writeFileSync(file, stringify(spec))
      return [file]
    })
    await promtool('check', 'rules', ...files)
  })

  for (const way of [
    'with a Prometheus and a Grafana of its own',
    'as an agent that forwards',
  ] as const)
    test(`${way} it has a configuration that promtool takes`, async () => {
      const objects = await renderChart(renderings[way])
      const config = objects.find(({ data }) => data?.['prometheus.yml'] !== undefined)?.data
      assert.ok(config !== undefined)
      const isAgent = way === 'as an agent that forwards'
      assert.equal('alerts.rules.yaml' in config, !isAgent, 'an agent has no rules')
      const files = Object.entries(config).map(([name, text]) => {
        const file = join(folder, name)
        // The pods find its files elsewhere; promtool reads the rules where they lie here.
        writeFileSync(file, text.replaceAll('/etc/prometheus/config', folder))
        return file
      })
      const main = files.find((file) => file.endsWith('prometheus.yml')) ?? ''
      await promtool('check', 'config', ...(isAgent ? ['--agent'] : []), main)
    })

  test('alerts lead to the runbooks where they are published', async () => {
    const objects = await renderChart(renderings['with a Prometheus and a Grafana of its own'])
    const alerts = objects.flatMap(({ data }) => data?.['alerts.rules.yaml'] ?? []).join('\n')
    assert.match(alerts, /runbook_url: https:\/\/example\.org\/shardnet\/docs\/runbooks\//)
    assert.doesNotMatch(alerts, /runbook_url: docs\//)
  })

  const refused = {
    'a value that it does not know': [{ clusters: [] }, /clusters/],
    'an agent that has nowhere to write to': [
      { prometheus: { enabled: true, mode: 'agent' } },
      /prometheus\.remoteWrite must say where to/,
    ],
    'an interval that is none': [{ scrape: { interval: 'often' } }, /interval/],
  } as const
  for (const [what, [values, reason]] of Object.entries(refused))
    test(`refuses ${what}, and names it`, async () => {
      const { code, text } = await helm('template', { values })
      assert.notEqual(code, 0)
      assert.match(text, reason)
    })
})
