import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Health {
  /** Null while the process works; else why it should be started anew. */
  readonly notLive: () => string | null
  /** Null once it could take over; else what it waits for. */
  readonly notReady: () => string | null
  readonly metrics: () => Promise<string>
}

/** `/livez`, `/readyz` and `/metrics` of the operator. */
export class HealthServer {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(port: number, health: Health): Promise<HealthServer> {
    const server = createServer((request, response) => {
      void answer(request.url ?? '/', health, response)
    })
    server.requestTimeout = 10_000
    server.maxConnections = 64
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, resolve)
    })
    return new HealthServer(server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

async function answer(url: string, health: Health, response: ServerResponse): Promise<void> {
  switch (url.split('?', 1)[0] ?? '') {
    case '/livez':
      return send(response, health.notLive())
    case '/readyz':
      return send(response, health.notReady())
    case '/metrics':
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      response.end(await health.metrics())
      return
    default:
      response.writeHead(404).end('not found; GET /livez /readyz /metrics\n')
  }
}

function send(response: ServerResponse, problem: string | null): void {
  const text = { 'content-type': 'text/plain; charset=utf-8' }
  if (problem === null) response.writeHead(200, text).end('ok\n')
  else response.writeHead(503, text).end(`${problem}\n`)
}
