import { z } from 'zod'
import { bytesOfHex, hexOf } from '../core/primitives/bytes.ts'

/** Why a call brought no result. */
export type RpcFailure =
  /** The validator answered with a JSON-RPC error; `data` is what it said, for instance `{code: 'BAD_SIGNATURE'}`. */
  | {
      readonly kind: 'rpc'
      readonly code: number
      readonly data: unknown
      readonly retryAfterMs: number | null
    }
  | { readonly kind: 'http'; readonly status: number }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'badAnswer' }

/** A call that failed: the other side, or the way to it. */
export class RpcCallError extends Error {
  override readonly name = 'RpcCallError'
  readonly failure: RpcFailure

  constructor(message: string, failure: RpcFailure, options?: ErrorOptions) {
    super(message, options)
    this.failure = failure
  }
}

/** How to call. */
export interface RpcCallOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** How a client behaves unless a call says otherwise. */
export interface RpcClientOptions {
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 10_000
const Response = z.object({
  jsonrpc: z.literal('2.0'),
  result: z.unknown().optional(),
  error: z
    .object({ code: z.number(), message: z.string(), data: z.unknown().optional() })
    .optional(),
})

const Status = z.object({
  networkId: z.string(),
  shard: z.number(),
  validator: z.number(),
  shards: z.number(),
  validatorsPerShard: z.number(),
  view: z.number(),
  committedHeight: z.number(),
  executedHeight: z.number(),
  notReady: z.string().nullable(),
})
/** Where a validator stands. */
export type StatusReply = z.infer<typeof Status>

const Account = z
  .object({
    height: z.number(),
    balance: z.string().transform((text) => BigInt(text)),
    nonceBase: z.number(),
    nonceBitmap: z.string().transform((text) => BigInt(text)),
    proof: z.string().nullable(),
  })
  .nullable()
/** An account at an executed height; null when there is none. */
export type AccountReply = z.infer<typeof Account>

const Cell = z
  .object({
    height: z.number(),
    value: z.string().transform(bytesOfHex),
    /** Bytes for decodeCellProof as hexadecimal text. */
    proof: z.string().nullable(),
  })
  .nullable()
/** A cell at an executed height, empty when it does not exist; null when its key is of another shard. */
export type CellReply = z.infer<typeof Cell>

const Sent = z.object({ id: z.string(), tag: z.string() })
/** A transaction that one validator made durable: its id, and the tag by which commit events name it. */
export type SentReply = z.infer<typeof Sent>

const Transaction = z
  .discriminatedUnion('status', [
    z.object({ status: z.literal('pending') }),
    z.object({
      status: z.literal('executed'),
      height: z.number(),
      blockHash: z.string(),
      result: z.string(),
      /** What a get read, as hexadecimal text; null for every other transaction. */
      read: z.string().nullable(),
      /** Bytes for decodeTransactionProof as hexadecimal text. */
      receipt: z.string().nullable(),
    }),
  ])
  .nullable()
/** What became of a transaction, as one validator says; null when it knows nothing of it. */
export type TransactionReply = z.infer<typeof Transaction>

/** JSON-RPC calls to one validator. Holds no connection state beyond what fetch pools. */
export class RpcClient {
  readonly #url: string
  readonly #timeoutMs: number
  #nextId = 1

  /** `address` is `host:port` of the validator's HTTP port. */
  constructor(address: string, options: RpcClientOptions = {}) {
    this.#url = `http://${address}/`
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  }

  status(options?: RpcCallOptions): Promise<StatusReply> {
    return this.#typed('shardnet_status', {}, Status, options)
  }

  account(address: string, options?: RpcCallOptions): Promise<AccountReply> {
    return this.#typed('shardnet_getAccount', { address }, Account, options)
  }

  /** What one validator has in a cell now, with its proof when asked for. A `get` transaction reads in the order of all writes. */
  cell(key: Uint8Array, withProof = false, options?: RpcCallOptions): Promise<CellReply> {
    const params = { key: hexOf(key), proof: withProof }
    return this.#typed('shardnet_getCell', params, Cell, options)
  }

  transaction(id: string, options?: RpcCallOptions): Promise<TransactionReply> {
    return this.#typed('shardnet_getTransaction', { id }, Transaction, options)
  }

  /** Resolves when the validator made the transaction durable, which is not yet a commit. */
  sendTransaction(transaction: Uint8Array, options?: RpcCallOptions): Promise<SentReply> {
    const params = { transaction: Buffer.from(transaction).toString('hex') }
    return this.#typed('shardnet_sendTransaction', params, Sent, options)
  }

  /**
   * Any method; what comes back is for the caller to check.
   * @throws RpcCallError
   */
  async call(method: string, params: object = {}, options: RpcCallOptions = {}): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: this.#nextId++, method, params })
    const { status, retryAfter, json } = await this.#post(body, options)
    const parsed = Response.safeParse(json)
    if (!parsed.success)
      throw this.#failed(
        `HTTP ${status}`,
        status === 200 ? { kind: 'badAnswer' } : { kind: 'http', status },
      )
    const { result, error } = parsed.data
    if (error === undefined) return result
    const retryAfterMs = retryAfter === null ? null : Number(retryAfter) * 1000
    throw this.#failed(error.message, {
      kind: 'rpc',
      code: error.code,
      data: error.data,
      retryAfterMs,
    })
  }

  /** Text of /metrics, and whether /livez and /readyz say yes. */
  async get(
    path: '/metrics' | '/livez' | '/readyz',
    options: RpcCallOptions = {},
  ): Promise<{ ok: boolean; text: string }> {
    const response = await this.#fetch(path, { method: 'GET' }, options)
    return { ok: response.ok, text: await this.#read(() => response.text()) }
  }

  async #typed<T>(
    method: string,
    params: object,
    schema: z.ZodType<T>,
    options?: RpcCallOptions,
  ): Promise<T> {
    const parsed = schema.safeParse(await this.call(method, params, options))
    if (parsed.success) return parsed.data
    throw this.#failed(`${method} answered something else`, { kind: 'badAnswer' }, parsed.error)
  }

  async #post(
    body: string,
    options: RpcCallOptions,
  ): Promise<{ status: number; retryAfter: string | null; json: unknown }> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    const response = await this.#fetch('/', init, options)
    const text = await this.#read(() => response.text())
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      json: jsonOf(text),
    }
  }

  #fetch(
    path: string,
    init: RequestInit,
    { signal, timeoutMs }: RpcCallOptions,
  ): Promise<globalThis.Response> {
    const timeout = AbortSignal.timeout(timeoutMs ?? this.#timeoutMs)
    const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
    return this.#read(() => fetch(new URL(path, this.#url), { ...init, signal: both }))
  }

  /** Runs one network step; an abort by the caller passes through as it is. */
  async #read<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step()
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error
      const isTimeout = error instanceof DOMException && error.name === 'TimeoutError'
      throw this.#failed(
        isTimeout ? 'no answer in time' : 'unreachable',
        { kind: isTimeout ? 'timeout' : 'unreachable' },
        error,
      )
    }
  }

  #failed(reason: string, failure: RpcFailure, cause?: unknown): RpcCallError {
    return new RpcCallError(
      `${this.#url}: ${reason}`,
      failure,
      cause === undefined ? {} : { cause },
    )
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the caller sees that no envelope fits and says which status it came with.
    return undefined
  }
}
