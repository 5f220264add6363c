import { Agent, request } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'

/** How to reach one API server as one user. */
export interface ApiAccess {
  readonly url: string
  /** PEM of who signed the server's certificate. */
  readonly certificateAuthority: string
  readonly token: string
}

export interface ApiAnswer {
  readonly status: number
  /** Parsed JSON, or the text of an answer that is none. */
  readonly body: unknown
  /** What the server warns of, as `kubectl` would print it. */
  readonly warnings: readonly string[]
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string
}

const TIMEOUT_MS = 60_000
const BUSY_MS = 500
const BUSY_TRIES_MAX = 60
const APPLY = 'application/apply-patch+yaml'

/** A client of its own, so that tests share no code with the operator that they look at. */
export class ApiClient {
  readonly access: ApiAccess
  readonly #agent: Agent

  constructor(access: ApiAccess) {
    this.access = access
    this.#agent = new Agent({ keepAlive: true, maxSockets: 8, ca: access.certificateAuthority })
  }

  /** Asks once; an answer of any status is an answer. Rejects when there is none. */
  ask({ method = 'GET', path, body, contentType = 'application/json' }: ApiRequest) {
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>()
    const headers = { authorization: `Bearer ${this.access.token}`, 'content-type': contentType }
    const url = new URL(path, this.access.url)
    const sent = request(url, { method, headers, agent: this.#agent, timeout: TIMEOUT_MS })
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)))
    sent.on('error', reject)
    sent.on('response', (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => (text += part))
      answer.on('error', reject)
      answer.on('end', () => {
        const warnings = (answer.rawHeaders ?? []).flatMap((value, index, all) =>
          index % 2 === 1 && all[index - 1]?.toLowerCase() === 'warning' ? [value] : [],
        )
        resolve({ status: answer.statusCode ?? 0, body: jsonOrText(text), warnings })
      })
    })
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    return promise
  }

  /**
   * Asks until the API server is not busy (429: a new kind's storage comes up, say).
   * @throws {ApiError} on any status but 2xx.
   */
  async must(wanted: ApiRequest): Promise<unknown> {
    let answer = await this.ask(wanted)
    for (let tries = 0; answer.status === 429 && tries < BUSY_TRIES_MAX; tries++) {
      await delay(BUSY_MS)
      answer = await this.ask(wanted)
    }
    if (answer.status >= 200 && answer.status < 300) return answer.body
    throw new ApiError(`${wanted.method ?? 'GET'} ${wanted.path}`, answer)
  }

  /** Server-side apply as one field manager. */
  apply(path: string, object: unknown, manager = 'e2e'): Promise<unknown> {
    const query = `${path.includes('?') ? '&' : '?'}fieldManager=${manager}&force=true`
    return this.must({ method: 'PATCH', path: path + query, body: object, contentType: APPLY })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** An API server refused a request that a test or the harness relies on. */
class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number

  constructor(what: string, { status, body }: ApiAnswer) {
    const isStatus = typeof body === 'object' && body !== null && 'message' in body
    super(`${what}: ${status}: ${isStatus ? String(body.message) : JSON.stringify(body)}`)
    this.status = status
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}
