import { z } from 'zod'
import { problemsOf } from '../../config/problems.ts'
import type { Json } from './json.ts'

/** Codes of JSON-RPC 2.0 and, from -32001 on, ours. */
export const rpcErrorCode = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  /** The door refused the transaction; `data.code` says why. */
  refused: -32_001,
  /** A queue is full; `data.retryAfterMs` says when to come back. Over HTTP also status 429. */
  busy: -32_005,
  /** Taken, but not durable in time: it may still be. */
  notAcknowledged: -32_006,
} as const

export type RpcErrorCode = (typeof rpcErrorCode)[keyof typeof rpcErrorCode]

/** What a call came to. */
export type RpcResult =
  | { readonly kind: 'ok'; readonly value: Json }
  | {
      readonly kind: 'error'
      readonly code: RpcErrorCode
      readonly message: string
      readonly data?: Json
    }

/** Carries out one call whose envelope is right. Never rejects for anything that a client can cause. */
export type RpcDispatch = (method: string, params: unknown) => Promise<RpcResult>

/** The reply to one body: null when it held nothing but notifications. */
export interface RpcReply {
  readonly body: Json | null
  /** Some call found a full queue. */
  readonly retryAfterMs: number | null
}

const Envelope = z.strictObject({
  jsonrpc: z.literal('2.0'),
  method: z.string().min(1).max(128),
  params: z.unknown().optional(),
  id: z.union([z.string().max(256), z.number(), z.null()]).optional(),
})

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Answers the bytes of one request or batch as JSON-RPC 2.0 says. */
export async function answerRpc(
  bytes: Uint8Array,
  callsMax: number,
  dispatch: RpcDispatch,
): Promise<RpcReply> {
  const parsed = parse(bytes)
  if (parsed.kind === 'malformed')
    return alone(failure(null, rpcErrorCode.parse, 'the body is not JSON in UTF-8'))
  if (!Array.isArray(parsed.value)) return combine([await answerOne(parsed.value, dispatch)], false)
  const calls: readonly unknown[] = parsed.value
  if (calls.length === 0) return alone(failure(null, rpcErrorCode.invalidRequest, 'an empty batch'))
  if (calls.length > callsMax) {
    return alone(
      failure(
        null,
        rpcErrorCode.invalidRequest,
        `a batch of ${calls.length} calls, at most ${callsMax}`,
      ),
    )
  }
  return combine(await Promise.all(calls.map((call) => answerOne(call, dispatch))), true)
}

type Parsed = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'malformed' }

function parse(bytes: Uint8Array): Parsed {
  try {
    // The envelope's schema checks it before anything uses it.
    return { kind: 'value', value: JSON.parse(decoder.decode(bytes)) as unknown }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return { kind: 'malformed' }
    throw error
  }
}

interface Answer {
  readonly response: Json | null
  readonly retryAfterMs: number | null
}

async function answerOne(call: unknown, dispatch: RpcDispatch): Promise<Answer> {
  const envelope = Envelope.safeParse(call)
  if (!envelope.success) {
    const data = { problems: problemsOf(envelope.error, call).map((problem) => ({ ...problem })) }
    const response = failure(
      idOf(call),
      rpcErrorCode.invalidRequest,
      'not a JSON-RPC 2.0 request',
      data,
    )
    return { response, retryAfterMs: null }
  }
  const { method, params, id } = envelope.data
  const result = await dispatch(method, params)
  const retryAfterMs = retryAfterOf(result)
  // A call without an id is a notification: carried out, never answered.
  if (id === undefined) return { response: null, retryAfterMs }
  if (result.kind === 'ok')
    return { response: { jsonrpc: '2.0', id, result: result.value }, retryAfterMs }
  return { response: failure(id, result.code, result.message, result.data), retryAfterMs }
}

function retryAfterOf(result: RpcResult): number | null {
  if (result.kind === 'ok' || result.code !== rpcErrorCode.busy) return null
  const data = z.object({ retryAfterMs: z.number() }).safeParse(result.data)
  return data.success ? data.data.retryAfterMs : 1000
}

function idOf(call: unknown): string | number | null {
  const parsed = z.object({ id: z.union([z.string().max(256), z.number()]) }).safeParse(call)
  return parsed.success ? parsed.data.id : null
}

function combine(answers: readonly Answer[], isBatch: boolean): RpcReply {
  const responses = answers.flatMap(({ response }) => (response === null ? [] : [response]))
  const waits = answers.flatMap(({ retryAfterMs }) => (retryAfterMs === null ? [] : [retryAfterMs]))
  const body = isBatch ? (responses.length === 0 ? null : responses) : (responses[0] ?? null)
  return { body, retryAfterMs: waits.length === 0 ? null : Math.max(...waits) }
}

function alone(body: Json): RpcReply {
  return { body, retryAfterMs: null }
}

function failure(
  id: string | number | null,
  code: RpcErrorCode,
  message: string,
  data?: Json,
): Json {
  return {
    jsonrpc: '2.0',
    id,
    error: data === undefined ? { code, message } : { code, message, data },
  }
}
