import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { KubernetesObject } from '../../src/objects/kubernetes-object.ts'
import type { ClusterAccess } from '../../src/kubernetes/cluster-access.ts'

interface Watcher {
  readonly path: string
  readonly response: ServerResponse
}

/** Decides about a request before it is answered: an answer of its own, or null to let it through. */
export type Interference = (
  method: string,
  path: string,
  query: URLSearchParams,
) => {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: object
} | null

/**
 * As much of an API server as clients lean on: versions that count up, lists in pages, watches from a version, updates
 * that conflict. Real sockets, so that what breaks there breaks here.
 */
export class FakeApiServer {
  interfere: Interference = () => null
  /** Requests in order, as `GET /path`. */
  readonly requests: string[] = []
  /** Watch events older than this are forgotten: 410. */
  forgottenBelow = 0
  /** While true, watches stay open and say nothing. */
  isSilent = false
  readonly #server: Server
  readonly #objects = new Map<string, KubernetesObject>()
  readonly #history: { version: number; path: string; line: string }[] = []
  readonly #watchers = new Set<Watcher>()
  #version = 1

  private constructor(server: Server) {
    this.#server = server
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#answer(request, response)
    })
  }

  static async start(): Promise<FakeApiServer> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new FakeApiServer(server)
  }

  get access(): ClusterAccess {
    const { port } = this.#server.address() as AddressInfo
    return { server: `http://127.0.0.1:${port}`, requestOptions: async () => ({}) }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Puts an object at its address, as another client would. */
  put(path: string, object: KubernetesObject, isTold = true): void {
    const before = this.#objects.get(path)
    this.#version += 1
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) }
    const stored = { ...object, metadata }
    this.#objects.set(path, stored)
    if (isTold) this.#tell(before === undefined ? 'ADDED' : 'MODIFIED', path, stored)
  }

  remove(path: string, isTold = true): void {
    const object = this.#objects.get(path)
    if (object === undefined) return
    this.#version += 1
    this.#objects.delete(path)
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) }
    if (isTold) this.#tell('DELETED', path, { ...object, metadata })
  }

  get(path: string): KubernetesObject | undefined {
    return this.#objects.get(path)
  }

  /** Ends all watches, in the middle of whatever they were saying. */
  cutWatches(): void {
    for (const { response } of this.#watchers) response.destroy()
    this.#watchers.clear()
  }

  /** Ends all watches in good order, as a server does from time to time. */
  endWatches(): void {
    for (const { response } of this.#watchers) response.end()
    this.#watchers.clear()
  }

  get watches(): number {
    return this.#watchers.size
  }

  #tell(type: string, path: string, object: KubernetesObject): void {
    const line = `${JSON.stringify({ type, object })}\n`
    this.#history.push({ version: this.#version, path, line })
    if (this.isSilent) return
    for (const watcher of this.#watchers) {
      if (path.startsWith(`${watcher.path}/`)) watcher.response.write(line)
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://x')
    const method = request.method ?? 'GET'
    this.requests.push(`${method} ${url.pathname}`)
    const body = await textOf(request)
    const own = this.interfere(method, url.pathname, url.searchParams)
    if (own !== null) return send(response, own.status, own.body ?? {}, own.headers)
    if (url.searchParams.get('watch') === 'true') return this.#watch(url, response)
    if (method === 'GET') return this.#read(url, response)
    if (method === 'DELETE') {
      if (!this.#objects.has(url.pathname))
        return send(response, 404, { reason: 'NotFound', message: 'there is none' })
      this.remove(url.pathname)
      return send(response, 200, {})
    }
    const sent = JSON.parse(body) as KubernetesObject
    return this.#write(method, url.pathname, sent, response)
  }

  #write(method: string, path: string, sent: KubernetesObject, response: ServerResponse): void {
    const place =
      method === 'POST' ? `${path}/${sent.metadata.name}` : path.replace(/\/status$/, '')
    const found = this.#objects.get(place)
    const { resourceVersion } = sent.metadata
    // An apply makes what is not there, whatever version it names.
    const isMade = method === 'PATCH' && found === undefined
    const isStale =
      resourceVersion !== undefined &&
      found?.metadata.resourceVersion !== resourceVersion &&
      !isMade
    if (isStale || (method === 'POST' && found !== undefined)) {
      return send(response, 409, { reason: 'Conflict', message: 'it was changed meanwhile' })
    }
    this.put(place, method === 'PATCH' && found !== undefined ? patched(found, sent) : sent)
    send(response, found === undefined ? 201 : 200, this.#objects.get(place) ?? {})
  }

  #read(url: URL, response: ServerResponse): void {
    const one = this.#objects.get(url.pathname)
    if (one !== undefined) return send(response, 200, one)
    const wanted = /^metadata\.name=(.*)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1]
    const items = [...this.#objects]
      .filter(([path]) => path.startsWith(`${url.pathname}/`))
      .filter(([path]) => wanted === undefined || path.endsWith(`/${wanted}`))
    const isCollection = url.pathname.endsWith('s')
    if (items.length === 0 && !isCollection) {
      return send(response, 404, { reason: 'NotFound', message: 'there is none' })
    }
    const limit = Number(url.searchParams.get('limit') ?? 1_000)
    const from = Number(url.searchParams.get('continue') ?? 0)
    const page = items.slice(from, from + limit).map(([, object]) => object)
    const next = from + limit < items.length ? String(from + limit) : ''
    const metadata = { resourceVersion: String(this.#version), continue: next }
    return send(response, 200, { metadata, items: page })
  }

  #watch(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion') ?? 0)
    response.writeHead(200, { 'content-type': 'application/json' })
    if (from < this.forgottenBelow) {
      const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`)
      return
    }
    const watcher = { path: url.pathname, response }
    this.#watchers.add(watcher)
    response.once('close', () => this.#watchers.delete(watcher))
    response.flushHeaders()
    if (this.isSilent) return
    for (const { version, path, line } of this.#history) {
      if (version > from && path.startsWith(`${url.pathname}/`)) response.write(line)
    }
  }
}

/** Fields of the first two levels are taken over one by one: as much of an apply as needs to be told apart. */
function patched(found: KubernetesObject, sent: KubernetesObject): KubernetesObject {
  const data = { ...(found['data'] as object), ...(sent['data'] as object) }
  const metadata = { ...found.metadata, ...sent.metadata }
  return { ...found, ...sent, metadata, ...(Object.keys(data).length === 0 ? {} : { data }) }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
