import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LivePage } from '../live/live-page.ts'
import { answerRpc, type RpcDispatch } from './json-rpc.ts'
import type { RpcLimits } from './rpc-limits.ts'
import type { ValidatorDoor } from './validator-door.ts'

/** What the plain HTTP side serves. */
export interface HttpParts {
  readonly door: ValidatorDoor
  readonly dispatch: RpcDispatch
  readonly live: LivePage
  readonly limits: RpcLimits
  /** Text of a scrape. */
  readonly renderMetrics: () => Promise<string>
}

type Body =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'gone' }

const TEXT = 'text/plain; charset=utf-8'
const METRICS_TEXT = 'text/plain; version=0.0.4; charset=utf-8'

/** Answers one HTTP request. */
export async function serveHttp(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (path === '/' && request.method === 'POST') return serveRpc(parts, request, response)
  if (parts.live.has(path)) {
    return isRead
      ? parts.live.serve(path, request, response)
      : refuseMethod(response, path === '/' ? 'GET, POST' : 'GET')
  }
  switch (path) {
    case '/livez':
      return isRead ? sendText(response, 200, 'ok\n') : refuseMethod(response, 'GET')
    case '/readyz':
      return isRead ? serveReadiness(parts.door, response) : refuseMethod(response, 'GET')
    case '/metrics':
      if (!isRead) return refuseMethod(response, 'GET')
      return sendText(response, 200, await parts.renderMetrics(), METRICS_TEXT)
    default:
      return sendText(
        response,
        404,
        'not found; GET / is a page, POST / speaks JSON-RPC 2.0, GET /livez /readyz /metrics\n',
      )
  }
}

/** Path of a request's target, without its query. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}

function serveReadiness(door: ValidatorDoor, response: ServerResponse): void {
  const { notReady } = door.status()
  if (notReady === null) sendText(response, 200, 'ok\n')
  else sendText(response, 503, `${notReady}\n`)
}

async function serveRpc(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  // A web page of another origin cannot send this type without asking first.
  if (type !== 'application/json')
    return sendText(response, 415, 'expected Content-Type: application/json\n')
  const body = await readBody(request, parts.limits.bodyBytesMax)
  if (body.kind === 'gone') return
  if (body.kind === 'tooLarge')
    return sendText(response, 413, `at most ${parts.limits.bodyBytesMax} bytes\n`)
  const reply = await answerRpc(body.bytes, parts.limits.batchCallsMax, parts.dispatch)
  if (reply.retryAfterMs !== null)
    response.setHeader('retry-after', Math.max(1, Math.ceil(reply.retryAfterMs / 1000)))
  if (reply.body === null) {
    response.writeHead(204).end()
    return
  }
  const status = reply.retryAfterMs === null ? 200 : 429
  sendText(response, status, JSON.stringify(reply.body), 'application/json')
}

/** Gathers a body up to a bound; what comes after it is read (for at most the request timeout) and not held. */
function readBody(request: IncomingMessage, bytesMax: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax)
    return Promise.resolve({ kind: 'tooLarge' })
  return new Promise((resolve) => {
    const parts: Uint8Array[] = []
    let length = 0
    request.on('data', (part: Uint8Array) => {
      length += part.length
      if (length <= bytesMax) parts.push(part)
      else resolve({ kind: 'tooLarge' })
    })
    request.once('end', () => resolve({ kind: 'body', bytes: Buffer.concat(parts) }))
    request.once('close', () => resolve({ kind: 'gone' }))
    request.once('error', () => resolve({ kind: 'gone' }))
  })
}

function refuseMethod(response: ServerResponse, allowed: string): void {
  response.setHeader('allow', allowed)
  sendText(response, 405, `only ${allowed}\n`)
}

function sendText(response: ServerResponse, status: number, text: string, type = TEXT): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}
