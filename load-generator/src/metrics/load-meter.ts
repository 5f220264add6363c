import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMetrics, type Metrics } from '@shardnet/node/metric-registry'
import type { LoadProgress } from '../load-run.ts'
import type { Verdict } from '../result/verdict-shape.ts'
import { loadCatalogue } from './catalogue.ts'

const LOOPBACK = '127.0.0.1'
const CONNECTIONS_MAX = 16
const REQUEST_TIMEOUT_MS = 5_000

/** Shows a run to Prometheus: figures of the last progress, at `GET /metrics` of a port on this machine only. */
export class LoadMeter {
  readonly #metrics: Metrics<typeof loadCatalogue> = createMetrics(loadCatalogue)
  readonly #server: Server
  #scraped = Promise.withResolvers<void>()

  constructor() {
    this.#server = createServer((request, response) => {
      const isScrape = request.method === 'GET' && request.url === '/metrics'
      if (isScrape) void this.#answer(response)
      else response.writeHead(404).end()
    })
    this.#server.maxConnections = CONNECTIONS_MAX
    this.#server.requestTimeout = REQUEST_TIMEOUT_MS
  }

  /** Opens a free port and answers `host:port`. */
  async start(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen({ host: LOOPBACK, port: 0 }, resolve)
    await promise
    // A server that listens on TCP has an address of this kind.
    const { port } = this.#server.address() as AddressInfo
    return `${LOOPBACK}:${port}`
  }

  onProgress(progress: LoadProgress): void {
    const { handles } = this.#metrics
    handles.running.set(1)
    handles.scheduled.total(progress.scheduled)
    handles.sent.total(progress.sent)
    handles.committed.total(progress.committed)
    handles.unsuccessful.total(progress.failed)
    handles.inFlight.set(progress.inFlight)
    handles.receiptsInFlight.set(progress.receiptsInFlight)
    handles.latency.set((progress.p50Ms ?? 0) / 1_000, { quantile: '0.5' })
    handles.latency.set((progress.p99Ms ?? 0) / 1_000, { quantile: '0.99' })
    handles.lateness.set((progress.latenessP99Ms ?? 0) / 1_000)
    handles.limited.set(progress.isLimited ? 1 : 0)
  }

  onVerdict({ kind }: Verdict): void {
    const { handles } = this.#metrics
    handles.running.set(0)
    for (const verdict of loadCatalogue.verdict.labels.verdict)
      handles.verdict.set(verdict === kind ? 1 : 0, { verdict })
  }

  async #answer(response: ServerResponse): Promise<void> {
    try {
      const text = await this.#metrics.render()
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      response.end(text, () => this.#scraped.resolve())
    } catch {
      // A scrape that fails shows as such where it came from; the run goes on.
      response.destroy()
    }
  }

  /** Waits until the figures of now were read, but no longer than this. */
  async shown(withinMs: number): Promise<void> {
    this.#scraped = Promise.withResolvers()
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, withinMs)
    await Promise.race([this.#scraped.promise, promise])
    clearTimeout(timer)
  }

  /** Closes the port; never rejects. */
  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    this.#server.closeAllConnections()
    await promise
  }
}
