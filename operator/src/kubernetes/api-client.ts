import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { ApiError, errorOfResponse } from './api-error.ts'
import type { ClusterAccess } from './cluster-access.ts'

/** What is done to a resource, as RBAC and metrics call it. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'update' | 'delete'

export interface ApiRequest {
  readonly verb: Verb
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly contentType?: string
  /** Default: JSON of whole objects. */
  readonly accept?: string
  readonly signal?: AbortSignal
}

/** Told after each request: for metrics. Status 0 is no answer. */
export type OnCall = (verb: Verb, status: number, milliseconds: number) => void

export interface ApiClientOptions {
  readonly onCall?: OnCall
  readonly timeoutMs?: number
  readonly userAgent?: string
}

const METHOD_OF = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  patch: 'PATCH',
  update: 'PUT',
  delete: 'DELETE',
} as const

const ANSWER_MS = 30_000
const BODY_BYTES_MAX = 256 * 2 ** 20

/** One API server, by plain requests: every object is JSON, whatever its kind. */
export class ApiClient {
  readonly #access: ClusterAccess
  readonly #options: ApiClientOptions

  constructor(access: ClusterAccess, options: ApiClientOptions = {}) {
    this.#access = access
    this.#options = options
  }

  get server(): string {
    return this.#access.server
  }

  /** The answer's JSON. @throws {ApiError} for every answer that is no success, and for none. */
  async request(request: ApiRequest): Promise<unknown> {
    const body = await this.text(request)
    try {
      return JSON.parse(body)
    } catch (error) {
      throw asApiError(error, this.#access.server)
    }
  }

  /** The answer as it is. @throws {ApiError} as `request`. */
  async text(request: ApiRequest): Promise<string> {
    const startedAt = performance.now()
    let status = 0
    try {
      const timeout = AbortSignal.timeout(this.#options.timeoutMs ?? ANSWER_MS)
      const signal =
        request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal])
      const response = await this.#send(request, signal)
      status = response.statusCode ?? 0
      const body = await textOf(response)
      if (status >= 400) throw errorOfResponse(status, body, response.headers['retry-after'])
      return body
    } catch (error) {
      throw asApiError(error, this.#access.server)
    } finally {
      this.#options.onCall?.(request.verb, status, performance.now() - startedAt)
    }
  }

  /** Lines of a watch as they come. Ends when the server ends it. @throws {ApiError} */
  async *watch(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal) {
    const startedAt = performance.now()
    const request: ApiRequest = { verb: 'watch', path, query: { ...query, watch: 'true' } }
    let status = 0
    try {
      const response = await this.#send(request, signal)
      status = response.statusCode ?? 0
      if (status >= 400) {
        throw errorOfResponse(status, await textOf(response), response.headers['retry-after'])
      }
      for await (const line of linesOf(response)) yield line
    } catch (error) {
      throw asApiError(error, this.#access.server)
    } finally {
      this.#options.onCall?.('watch', status, performance.now() - startedAt)
    }
  }

  async #send(request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const options = await this.#access.requestOptions()
    const url = new URL(this.#access.server + request.path)
    for (const [key, value] of Object.entries(request.query ?? {})) {
      url.searchParams.set(key, value)
    }
    const body = request.body === undefined ? null : JSON.stringify(request.body)
    const all: RequestOptions = {
      ...options,
      method: METHOD_OF[request.verb],
      signal,
      headers: {
        ...options.headers,
        accept: request.accept ?? 'application/json, */*',
        'user-agent': this.#options.userAgent ?? 'shardnet-operator',
        ...(body === null
          ? {}
          : {
              'content-type': request.contentType ?? 'application/json',
              'content-length': Buffer.byteLength(body),
            }),
      },
    }
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'http:' ? httpRequest : httpsRequest
      const sent = send(url, all, resolve)
      sent.once('error', reject)
      sent.end(body ?? undefined)
    })
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length
    if (length > BODY_BYTES_MAX) {
      response.destroy()
      throw new Error(`an answer of more than ${BODY_BYTES_MAX} bytes`)
    }
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8')
  let rest = ''
  for await (const part of response as AsyncIterable<string>) {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > BODY_BYTES_MAX) throw new Error('a watch event that does not end')
    for (const line of lines) if (line !== '') yield line
  }
}

function asApiError(error: unknown, server: string): ApiError {
  if (error instanceof ApiError) return error
  const why = error instanceof Error ? error.message : String(error)
  const message = `the API server at ${server} does not answer: ${why}`
  return new ApiError({ status: 0, reason: 'Unreachable', message }, { cause: error })
}
