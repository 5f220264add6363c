import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoadProgress } from '../src/load-run.ts'
import { loadCatalogue } from '../src/metrics/catalogue.ts'
import { LoadMeter } from '../src/metrics/load-meter.ts'

const progress: LoadProgress = {
  elapsedMs: 2_000,
  scheduled: 110,
  sent: 100,
  committed: 80,
  committedPerSecond: 40,
  failed: 3,
  inFlight: 17,
  acknowledgedInFlight: 5,
  receiptsInFlight: 4,
  p50Ms: 250,
  p99Ms: 1_500,
  latenessP99Ms: 120,
  isLimited: true,
  heights: [7],
}

test('a scrape shows the last progress, and after the end the verdict', async () => {
  const meter = new LoadMeter()
  const address = await meter.start()
  try {
    meter.onProgress(progress)
    const during = await scrape(address)
    for (const { name } of Object.values(loadCatalogue))
      assert.ok(during.includes(`# TYPE ${name} `))
    assert.match(during, /^shardnet_load_scheduled_transactions_total 110$/m)
    assert.match(during, /^shardnet_load_committed_transactions_total 80$/m)
    assert.match(during, /^shardnet_load_latency_seconds\{quantile="0.99"\} 1.5$/m)
    assert.match(during, /^shardnet_load_lateness_p99_seconds 0.12$/m)
    assert.match(during, /^shardnet_load_limited 1$/m)
    assert.match(during, /^shardnet_load_running 1$/m)
    meter.onVerdict({ kind: 'undecided', reasons: [], criteria: [] })
    const after = await scrape(address)
    assert.match(after, /^shardnet_load_running 0$/m)
    assert.match(after, /^shardnet_load_verdict\{verdict="undecided"\} 1$/m)
    assert.match(after, /^shardnet_load_verdict\{verdict="passed"\} 0$/m)
  } finally {
    await meter.stop()
  }
})

test('it is no other door: what is not a scrape is not found, and a stopped meter is closed', async () => {
  const meter = new LoadMeter()
  const address = await meter.start()
  assert.equal((await fetch(`http://${address}/`)).status, 404)
  assert.equal((await fetch(`http://${address}/metrics`, { method: 'POST' })).status, 404)
  await meter.stop()
  await assert.rejects(fetch(`http://${address}/metrics`))
})

async function scrape(address: string): Promise<string> {
  const response = await fetch(`http://${address}/metrics`)
  assert.match(response.headers.get('content-type') ?? '', /version=0\.0\.4/)
  return response.text()
}
