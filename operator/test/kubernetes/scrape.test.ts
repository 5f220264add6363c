import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createMetrics } from '@shardnet/node/metric-registry'
import { catalogue } from '@shardnet/node/metrics'
import { parseScrape, scrapeValidator } from '../../src/kubernetes/validator-scrape.ts'

test('the figures of a validator are read from what it really exposes', async () => {
  const { handles, render } = createMetrics(catalogue, { constantLabels: { shard: '0' } })
  handles.height.set(42)
  handles.results.add(7, { result: 'OK' })
  handles.results.add(2, { result: 'INSUFFICIENT' })
  handles.batchOrderSeconds.observe(0.2)
  const scrape = parseScrape(await render())
  assert.equal(scrape?.height, 42)
  assert.equal(scrape?.results, 9)
  const within = (bound: number) => scrape?.orderSeconds.find((each) => each.bound === bound)?.count
  assert.deepEqual([within(0.1), within(0.25), within(Number.POSITIVE_INFINITY)], [0, 1, 1])
})

test('what is no validator has no figures, and does not stop anybody', async (context) => {
  const server = createServer((_request, response) => response.end('hello'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  const { port } = server.address() as AddressInfo
  assert.equal(await scrapeValidator('127.0.0.1', port), null)
  server.close()
  server.closeAllConnections()
  assert.equal(await scrapeValidator('127.0.0.1', port), null)
})
