import {
  Agent as HttpAgent,
  createServer,
  type IncomingMessage,
  request as requestHttp,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import {
  Agent as HttpsAgent,
  createServer as createSecureServer,
  request as requestHttps,
} from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { ApiAccess } from '../api/api-client.ts'
import { type ApiCall, readCall } from './api-call.ts'
import type { Fate, Interference } from './interference.ts'
import { WatchFilter } from './watch-filter.ts'

/** PEM texts of a server. */
export interface ServerCertificate {
  readonly cert: string
  readonly key: string
}

/**
 * Stands between one client and an API server: counts what passes and does what an `Interference` says. Speaks plain HTTP
 * to the client, on the loopback interface, or TLS where it is given a certificate: Go's clients send credentials over
 * nothing else. The client's credentials go through unchanged.
 */
export class ApiProxy {
  interference: Interference = {}
  readonly #server: Server
  readonly #scheme: 'http' | 'https'
  readonly #agent: HttpAgent | HttpsAgent
  readonly #upstream: string
  readonly #calls: ApiCall[] = []
  #isClosing = false

  constructor(
    { url, certificateAuthority }: Pick<ApiAccess, 'url' | 'certificateAuthority'>,
    certificate?: ServerCertificate,
  ) {
    this.#upstream = url
    const isPlain = url.startsWith('http:')
    this.#agent = isPlain
      ? new HttpAgent({ keepAlive: true })
      : new HttpsAgent({ keepAlive: true, ca: certificateAuthority })
    const listener: RequestListener = (request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        // A client that is killed, or that gives up, leaves its requests half-way: that is what it is for.
        if (!this.#isClosing && !response.destroyed) response.destroy(asError(error))
      })
    }
    this.#scheme = certificate === undefined ? 'http' : 'https'
    this.#server =
      certificate === undefined ? createServer(listener) : createSecureServer(certificate, listener)
  }

  /** Resolves with the URL for the client. */
  async listen(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen(0, '127.0.0.1', resolve)
    await promise
    const { port } = this.#server.address() as AddressInfo
    return `${this.#scheme}://127.0.0.1:${port}`
  }

  /** Everything that was asked since the last `forget`, in order. */
  get calls(): readonly ApiCall[] {
    return this.#calls
  }

  forget(): void {
    this.#calls.length = 0
  }

  /** Cuts every open connection, as a load balancer does that loses its state. */
  cutConnections(): void {
    this.#server.closeAllConnections()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    this.#server.closeAllConnections()
    this.#agent.destroy()
    await promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request)
    const { method = 'GET', url = '/' } = request
    const call = readCall(method, url, request.headers['content-type'] ?? '', jsonIn(body))
    this.#calls.push(call)
    const passage: Passage = { call, request, body, response }
    const fate = this.interference.onCall?.(call) ?? { kind: 'forward' }
    switch (fate.kind) {
      case 'answer':
        return answer(response, fate)
      case 'silence':
        return
      case 'cutBefore':
        response.destroy()
        return
      case 'delay':
        await delay(fate.ms)
        return this.#forward(passage)
      case 'hold':
        await fate.until
        return this.#forward(passage)
      case 'forward':
        return this.#forward(passage)
      case 'cutAfter':
        await this.#takeEffect(passage)
        response.destroy()
        return
    }
  }

  /** Until the API server has done it. A watch has begun with its first bytes, and has no end. */
  async #takeEffect(passage: Passage): Promise<void> {
    const answered = await this.#ask(passage)
    if (passage.call.verb !== 'watch') await readAll(answered)
  }

  async #forward(passage: Passage): Promise<void> {
    const { call, response } = passage
    const answered = await this.#ask(passage)
    if (call.verb === 'watch' && answered.statusCode === 200) {
      this.interference.onAnswered?.(call, 200)
      pass(answered, response)
      const filter = new WatchFilter((event) => this.interference.onWatchEvent?.(call, event))
      filter.on('cut', () => response.destroy())
      answered.pipe(filter).pipe(response)
      return
    }
    const content = await readAll(answered)
    this.interference.onAnswered?.(call, answered.statusCode ?? 0)
    pass(answered, response)
    response.end(content)
  }

  #ask({ request, body, response }: Passage): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const url = new URL(request.url ?? '/', this.#upstream)
    const send = url.protocol === 'http:' ? requestHttp : requestHttps
    const { host: _host, connection: _connection, ...headers } = request.headers
    const upstream = send(url, { method: request.method, headers, agent: this.#agent })
    upstream.on('error', reject)
    upstream.on('response', resolve)
    response.on('close', () => upstream.destroy())
    upstream.end(body)
    return promise
  }
}

/** One request on its way. */
interface Passage {
  readonly call: ApiCall
  readonly request: IncomingMessage
  readonly body: Buffer
  readonly response: ServerResponse
}

function pass(from: IncomingMessage, to: ServerResponse): void {
  const { 'transfer-encoding': _chunks, connection: _connection, ...headers } = from.headers
  to.writeHead(from.statusCode ?? 502, headers)
  to.flushHeaders()
}

const REASON: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

function answer(
  response: ServerResponse,
  { status, retryAfterSeconds }: Fate & { readonly kind: 'answer' },
): void {
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  response.writeHead(status, { 'content-type': 'application/json', ...retry })
  const said = { code: status, reason: REASON[status] ?? 'Unknown', message: 'said by the test' }
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', ...said }))
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function jsonIn(body: Buffer): unknown {
  try {
    return body.length === 0 ? null : JSON.parse(body.toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return null // A YAML or binary body names nothing that is looked at.
    throw error
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
