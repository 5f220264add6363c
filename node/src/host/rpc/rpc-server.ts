import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { STREAM_PATH, SUBMIT_BYTES_MAX } from '../../client/stream-protocol.ts'
import { LivePage } from '../live/live-page.ts'
import type { NodeCatalogue } from '../metrics/catalogue.ts'
import type { Metrics } from '../metrics/create-metrics.ts'
import { ClientGuard } from './client-guard.ts'
import { pathOf, serveHttp } from './http-routes.ts'
import { rpcErrorCode, type RpcDispatch, type RpcResult } from './json-rpc.ts'
import { createDispatch } from './methods.ts'
import { RpcError } from './rpc-error.ts'
import { defaultRpcLimits, type RpcLimits } from './rpc-limits.ts'
import { rpcMeterOf, type RpcMeter } from './rpc-meter.ts'
import { StreamSession } from './stream-session.ts'
import { SubscribeSession } from './subscribe-session.ts'
import type { ValidatorDoor } from './validator-door.ts'

/** What a server is made of. */
export interface RpcServerOptions {
  readonly door: ValidatorDoor
  readonly metrics: Metrics<NodeCatalogue>
  /** Port 0 takes a free one; see `address`. */
  readonly listen: { readonly host?: string; readonly port: number }
  readonly limits?: Partial<RpcLimits>
  /** A lookup of the door failed: the client got "internal error", this gets the reason. */
  readonly onError: (error: unknown) => void
}

const SUBMIT_FRAME_BYTES_MAX = SUBMIT_BYTES_MAX + 5
const CONNECTIONS_CHECK_MS = 1000
const LOOPBACK = '127.0.0.1'

/**
 * The validator's door for people and clients: JSON-RPC 2.0 over HTTP and WebSocket, the binary stream, probes and metrics, on one
 * port. Plain node:http and ws, no framework: a testnet starts many validators on one machine, and both start-up and memory count.
 */
export class RpcServer {
  readonly #options: RpcServerOptions
  readonly #limits: RpcLimits
  readonly #meter: RpcMeter
  readonly #dispatch: RpcDispatch
  readonly #live: LivePage
  readonly #http: Server
  readonly #subscribers: WebSocketServer
  readonly #streams: WebSocketServer
  readonly #clients = new Map<ClientGuard, StreamSession | SubscribeSession>()

  constructor(options: RpcServerOptions) {
    this.#options = options
    this.#limits = { ...defaultRpcLimits, ...options.limits }
    this.#meter = rpcMeterOf(options.metrics)
    const { acknowledgeTimeoutMs, bodyBytesMax } = this.#limits
    this.#dispatch = this.#measured(
      createDispatch({ door: options.door, meter: this.#meter, acknowledgeTimeoutMs }),
    )
    this.#live = new LivePage(() => options.door.live())
    this.#http = this.#createHttp()
    const common = { noServer: true, perMessageDeflate: false, clientTracking: true } as const
    this.#subscribers = new WebSocketServer({ ...common, maxPayload: bodyBytesMax })
    this.#streams = new WebSocketServer({ ...common, maxPayload: SUBMIT_FRAME_BYTES_MAX })
    options.metrics.onScrape(() => this.#countConnections())
  }

  /** Where the port is bound; only while started. */
  get address(): { readonly host: string; readonly port: number } {
    // Only a server on a pipe has another kind of address, and this one listens on TCP.
    const { address, port } = this.#http.address() as AddressInfo
    return { host: address, port }
  }

  /** @throws RpcError when the port cannot be bound. */
  start(): Promise<void> {
    const { host = LOOPBACK, port } = this.#options.listen
    return new Promise((resolve, reject) => {
      this.#http.once('error', (error: NodeJS.ErrnoException) =>
        reject(listenError(`${host}:${port}`, error)),
      )
      this.#http.listen({ host, port }, resolve)
    })
  }

  /** Hangs up on everybody and closes the port. */
  async stop(): Promise<void> {
    for (const guard of this.#clients.keys()) {
      guard.disconnect('stopping')
      guard.socket.terminate()
    }
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()))
    this.#http.closeAllConnections()
    await closed
  }

  #createHttp(): Server {
    const limits = this.#limits
    const http = createServer({
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      noDelay: true,
    })
    http.maxConnections = limits.connectionsMax
    http.setTimeout(limits.idleTimeoutMs)
    http.on('request', (request, response) => this.#onRequest(request, response))
    http.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head))
    http.on('drop', () => this.#meter.disconnected('tooMany'))
    return http
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { door, metrics, onError } = this.#options
    const parts = {
      door,
      dispatch: this.#dispatch,
      live: this.#live,
      limits: this.#limits,
      renderMetrics: () => metrics.render(),
    }
    serveHttp(parts, request, response).catch((error: unknown) => {
      onError(error)
      response.destroy()
    })
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = pathOf(request)
    const target = path === '/' ? this.#subscribers : path === STREAM_PATH ? this.#streams : null
    const countMax =
      target === this.#streams ? this.#limits.streamsMax : this.#limits.subscribersMax
    if (target === null) return refuseUpgrade(socket, '404 Not Found')
    if (isOtherOrigin(request)) return refuseUpgrade(socket, '403 Forbidden')
    if (target.clients.size >= countMax) {
      this.#meter.disconnected('tooMany')
      return refuseUpgrade(socket, '503 Service Unavailable')
    }
    target.handleUpgrade(request, socket, head, (client) =>
      this.#onClient(client, target === this.#streams),
    )
  }

  #onClient(client: WebSocket, isStream: boolean): void {
    const guard = new ClientGuard(client, {
      bufferBytesMax: this.#limits.clientBufferBytesMax,
      pingIntervalMs: this.#limits.pingIntervalMs,
      onDisconnect: (reason) => this.#meter.disconnected(reason),
    })
    const { door } = this.#options
    const session = isStream
      ? new StreamSession(guard, door, this.#meter)
      : new SubscribeSession({ guard, door, dispatch: this.#dispatch, limits: this.#limits })
    this.#clients.set(guard, session)
    client.once('close', () => this.#clients.delete(guard))
  }

  /** Counts every call and turns a failure of our own into "internal error". */
  #measured(dispatch: RpcDispatch): RpcDispatch {
    return async (method, params) => {
      const startedMs = performance.now()
      const result = await dispatch(method, params).catch((error: unknown): RpcResult => {
        this.#options.onError(error)
        return { kind: 'error', code: rpcErrorCode.internal, message: 'internal error' }
      })
      this.#meter.called(outcomeOf(result), (performance.now() - startedMs) / 1000)
      return result
    }
  }

  #countConnections(): void {
    const { rpcConnections } = this.#options.metrics.handles
    const subscribe = this.#subscribers.clients.size
    const stream = this.#streams.clients.size
    rpcConnections.set(subscribe, { kind: 'subscribe' })
    rpcConnections.set(stream, { kind: 'stream' })
    this.#http.getConnections((_error, total) => {
      rpcConnections.set(Math.max(0, (total ?? 0) - subscribe - stream), { kind: 'http' })
    })
  }
}

function outcomeOf(result: RpcResult): 'ok' | 'error' | 'refused' | 'full' {
  if (result.kind === 'ok') return 'ok'
  if (result.code === rpcErrorCode.refused) return 'refused'
  return result.code === rpcErrorCode.busy ? 'full' : 'error'
}

/** Browsers name the page's origin; a page of another one must not use a validator on this machine. */
function isOtherOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined && headers.origin !== `http://${headers.host ?? ''}`
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function listenError(address: string, error: NodeJS.ErrnoException): RpcError {
  if (error.code === 'EADDRINUSE') {
    return new RpcError('addressInUse', `the HTTP port ${address} is in use by another process`, {
      cause: error,
    })
  }
  return new RpcError('cannotListen', `cannot listen on ${address}: ${error.message}`, {
    cause: error,
  })
}
