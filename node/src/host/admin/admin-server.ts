import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { LINK_RULES_MAX, PauseOrder } from '../../client/link-rule.ts'
import { problemsOf } from '../../config/problems.ts'
import type { Secret } from '../../config/secret.ts'
import type { HostAndPort } from '../../config/shapes.ts'
import { AdminError } from './admin-error.ts'
import type { LinkBook } from './link-book.ts'

/** What an admin server is made of. */
export interface AdminServerOptions {
  readonly listen: HostAndPort
  /** Who shows it may do everything here. */
  readonly token: Secret
  readonly links: LinkBook
  readonly logger: Logger
}

/** A rule with thousands of peers is still below this. */
const BODY_BYTES_MAX = 4_096 * LINK_RULES_MAX
const CONNECTIONS_MAX = 16
const REQUEST_MS_MAX = 5_000
const HEADER_BYTES_MAX = 8_192
const USAGE = 'GET /v1/links, PUT /v1/links, DELETE /v1/links[/ID], POST /v1/pause\n'

interface Reply {
  readonly status: number
  readonly body: unknown
}

/**
 * The door that can hurt: link faults and pauses. It has a port and a token of its own and is open only where the
 * configuration names both.
 */
export class AdminServer {
  readonly #options: AdminServerOptions
  readonly #tokenHash: Uint8Array
  readonly #http: Server

  constructor(options: AdminServerOptions) {
    this.#options = options
    this.#tokenHash = hashOf(options.token.reveal())
    this.#http = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX,
        headersTimeout: REQUEST_MS_MAX,
        requestTimeout: REQUEST_MS_MAX,
        keepAliveTimeout: REQUEST_MS_MAX,
      },
      (request, response) => {
        this.#answer(request).then(
          ({ status, body }) => send(response, status, body),
          (error: unknown) => {
            options.logger.error({ err: error }, 'an admin request failed')
            send(response, 500, { message: 'internal error' })
          },
        )
      },
    )
    this.#http.maxConnections = CONNECTIONS_MAX
  }

  /** Where the port is bound; only while started. */
  get address(): HostAndPort {
    const { address, port } = this.#http.address() as AddressInfo
    return { host: address, port }
  }

  /** @throws AdminError when the port cannot be bound. */
  start(): Promise<void> {
    const { host, port } = this.#options.listen
    return new Promise((resolve, reject) => {
      this.#http.once('error', (error) =>
        reject(
          new AdminError(`cannot listen on the admin port ${host}:${port}: ${error.message}`, {
            cause: error,
          }),
        ),
      )
      this.#http.listen({ host, port }, resolve)
    })
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()))
    this.#http.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    if (!this.#isAllowed(request))
      return { status: 401, body: { message: 'expected Authorization: Bearer TOKEN' } }
    const [path = '/'] = (request.url ?? '/').split('?')
    const id = /^\/v1\/links\/([-a-z0-9]{1,63})$/.exec(path)?.[1] ?? null
    if (path === '/v1/pause' && request.method === 'POST') return this.#pause(request)
    if (path !== '/v1/links' && id === null) return { status: 404, body: { message: USAGE } }
    if (request.method === 'GET' && id === null) return this.#rules()
    if (request.method === 'PUT' && id === null) return this.#put(request)
    if (request.method === 'DELETE') {
      await this.#options.links.clear(id)
      return this.#rules()
    }
    return { status: 405, body: { message: USAGE } }
  }

  #rules(): Reply {
    return { status: 200, body: { rules: this.#options.links.rules } }
  }

  async #put(request: IncomingMessage): Promise<Reply> {
    const body = await readJson(request)
    if (body.kind === 'bad') return body.reply
    const outcome = await this.#options.links.put(body.value)
    return outcome.kind === 'done' ? this.#rules() : badRequest(outcome.problems)
  }

  /** Stops this thread, and with it the replica, the network and every door, as a machine that hangs would. */
  async #pause(request: IncomingMessage): Promise<Reply> {
    const body = await readJson(request)
    if (body.kind === 'bad') return body.reply
    const order = PauseOrder.safeParse(body.value)
    if (!order.success) return badRequest(problemsOf(order.error, body.value))
    const { forMs } = order.data
    this.#options.logger.warn({ forMs }, 'paused')
    // After the answer has left; the end needs nobody's help.
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs), 20)
    return { status: 202, body: { forMs } }
  }

  #isAllowed({ headers }: IncomingMessage): boolean {
    const token = /^Bearer (\S{1,512})$/.exec(headers.authorization ?? '')?.[1]
    // A page in a browser names its origin; none has business here.
    if (token === undefined || headers.origin !== undefined) return false
    return timingSafeEqual(hashOf(Buffer.from(token)), this.#tokenHash)
  }
}

function hashOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

function badRequest(problems: readonly unknown[]): Reply {
  return { status: 400, body: { message: 'the body is not as expected', problems } }
}

type JsonBody =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'bad'; readonly reply: Reply }

async function readJson(request: IncomingMessage): Promise<JsonBody> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Uint8Array>) {
    length += part.length
    if (length > BODY_BYTES_MAX)
      return { kind: 'bad', reply: { status: 413, body: { message: 'the body is too large' } } }
    parts.push(part)
  }
  try {
    return { kind: 'value', value: JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown }
  } catch {
    return { kind: 'bad', reply: { status: 400, body: { message: 'expected JSON' } } }
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    // A body that was not read to its end cannot be followed by another request.
    ...(status === 413 ? { connection: 'close' } : {}),
  })
  response.end(text)
}
