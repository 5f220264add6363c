import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Coordinator } from './coordinator.ts'

/** Where a generator says whether its load has started, and where the first of several meets the others. */
export class PodServer {
  readonly #server: Server
  #isStarted = false

  constructor(coordinator: Coordinator | null) {
    this.#server = createServer((request, response) => {
      if (request.method === 'GET' && request.url === '/started') {
        response.writeHead(this.#isStarted ? 200 : 503).end()
        return
      }
      if (coordinator === null) response.writeHead(404).end()
      else coordinator.answer(request, response).catch(() => response.destroy())
    })
  }

  /** Resolves with the port. */
  async listen(port: number, host?: string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen(port, host, resolve)
    await promise
    // A server that listens has an address.
    return (this.#server.address() as AddressInfo).port
  }

  started(): void {
    this.#isStarted = true
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
