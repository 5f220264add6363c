import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REFUSAL_NAMES } from '../../src/client/refusal-code.ts'
import { resultNameOf } from '../../src/core/wire/result-code.ts'
import { catalogue } from '../../src/host/metrics/catalogue.ts'
import { createMetrics } from '../../src/host/metrics/create-metrics.ts'
import type { MetricDefinition } from '../../src/host/metrics/metric-definition.ts'
import { watchProcess } from '../../src/host/metrics/process-metrics.ts'

const definitions: readonly MetricDefinition[] = Object.values(catalogue)

test('names are shardnet_<area>_<what>, unique, and end as their kind asks', () => {
  assert.equal(new Set(definitions.map(({ name }) => name)).size, definitions.length)
  for (const { name, kind, help } of definitions) {
    assert.match(
      name,
      /^shardnet_(consensus|batches|ledger|crossshard|log|signatures|network|rpc|process)_[a-z0-9_]+$/,
    )
    assert.equal(name.endsWith('_total'), kind === 'counter', name)
    assert.match(help, /^[A-Z0-9].*\.$/, name)
  }
})

test('histograms have at most twelve ascending buckets; a validator has fewer than 500 series', async () => {
  for (const definition of definitions) {
    if (definition.kind !== 'histogram') continue
    const { buckets, name } = definition
    assert.ok(
      buckets.length <= 12 && buckets.every((bound, i) => i === 0 || bound > (buckets[i - 1] ?? 0)),
      name,
    )
  }
  const text = await createMetrics(catalogue).render()
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
  assert.ok(series < 500, `${series} series`)
})

test('every label value is there at zero before anything happened', async () => {
  const text = await createMetrics(catalogue).render()
  for (const { name, kind, labels = {} } of definitions) {
    assert.match(text, new RegExp(`^# TYPE ${name} ${kind}$`, 'm'))
    for (const [label, values] of Object.entries(labels)) {
      for (const value of values)
        assert.match(text, new RegExp(`^${name}[a-z_]*\\{[^}]*${label}="${value}"[^}]*\\} 0$`, 'm'))
    }
  }
  const results: readonly string[] = catalogue.results.labels.result
  assert.deepEqual(
    results,
    results.map((_name, code) => resultNameOf(code)),
  )
  assert.throws(() => resultNameOf(results.length))
  assert.deepEqual(catalogue.refused.labels.code, REFUSAL_NAMES)
})

test('handles write what the scrape shows, and a running total never goes back', async () => {
  const { handles, render, onScrape } = createMetrics(catalogue, { constantLabels: { shard: '3' } })
  handles.votes.inc({ vote: 'prepare' })
  handles.votes.add(4, { vote: 'prepare' })
  handles.height.set(17)
  handles.fsyncSeconds.observe(0.003)
  handles.bytesSent.total(100, { purpose: 'data' })
  handles.bytesSent.total(90, { purpose: 'data' })
  handles.bytesSent.total(130, { purpose: 'data' })
  onScrape(() => handles.accounts.set(5))
  const text = await render()
  assert.match(text, /^shardnet_consensus_votes_total\{vote="prepare",shard="3"\} 5$/m)
  assert.match(text, /^shardnet_consensus_committed_height\{shard="3"\} 17$/m)
  assert.match(text, /^shardnet_log_fsync_seconds_bucket\{le="0.005",shard="3"\} 1$/m)
  assert.match(text, /^shardnet_network_sent_bytes_total\{purpose="data",shard="3"\} 130$/m)
  assert.match(text, /^shardnet_ledger_accounts\{shard="3"\} 5$/m)
})

test('misspelt metrics, labels and values do not compile', () => {
  const { handles } = createMetrics(catalogue)
  const misuse = [
    // @ts-expect-error no such metric
    () => handles.voted.inc(),
    // @ts-expect-error no such value
    () => handles.votes.inc({ vote: 'final' }),
    // @ts-expect-error no such label
    () => handles.votes.inc({ kind: 'commit' }),
    // @ts-expect-error a label is missing
    () => handles.votes.inc(),
    // @ts-expect-error a gauge is set
    () => handles.height.inc(),
  ]
  for (const call of misuse) assert.throws(call)
})

test('two registries do not share anything', async () => {
  const first = createMetrics(catalogue)
  const second = createMetrics(catalogue)
  first.handles.fsyncs.inc()
  assert.match(await second.render(), /^shardnet_log_fsyncs_total 0$/m)
})

test('process metrics are read at the scrape', async () => {
  const metrics = createMetrics(catalogue)
  const stop = watchProcess(metrics)
  const text = await metrics.render()
  stop()
  const rss = Number(/^shardnet_process_resident_bytes (\d+)$/m.exec(text)?.[1])
  assert.ok(rss > 10_000_000)
  assert.match(text, /^shardnet_process_cpu_seconds_total\{mode="user"\} 0\.\d+|[1-9]/m)
})
