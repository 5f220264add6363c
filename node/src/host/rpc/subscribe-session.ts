import type { RawData } from 'ws'
import { z } from 'zod'
import type { ClientGuard } from './client-guard.ts'
import { EventFeed } from './event-feed.ts'
import type { Json } from './json.ts'
import { answerRpc, rpcErrorCode, type RpcDispatch, type RpcResult } from './json-rpc.ts'
import type { RpcLimits } from './rpc-limits.ts'
import type { CommitNotice, Unsubscribe, ValidatorDoor } from './validator-door.ts'

const Subscribe = z.strictObject({
  topic: z.enum(['commits', 'prepared']),
  fromHeight: z.int().min(0).optional(),
})
const Unsubscription = z.strictObject({ subscription: z.string().max(32) })

/** What a session needs. */
export interface SubscribeSessionParts {
  readonly guard: ClientGuard
  readonly door: ValidatorDoor
  readonly dispatch: RpcDispatch
  readonly limits: RpcLimits
}

/** One client on the JSON WebSocket: every method of HTTP, and subscriptions. */
export class SubscribeSession {
  readonly #parts: SubscribeSessionParts
  readonly #subscriptions = new Map<string, Unsubscribe>()
  #callsInFlight = 0
  #nextSubscription = 1

  constructor(parts: SubscribeSessionParts) {
    this.#parts = parts
    parts.guard.socket.on('message', (data) => void this.#onMessage(data))
    parts.guard.socket.on('close', () => this.#end())
  }

  async #onMessage(data: RawData): Promise<void> {
    const { guard, limits } = this.#parts
    if (!guard.isOpen || !(data instanceof Uint8Array)) return
    if (this.#callsInFlight >= limits.callsInFlightPerClientMax) {
      guard.disconnect('tooMany')
      return
    }
    this.#callsInFlight++
    try {
      const reply = await answerRpc(data, limits.batchCallsMax, (method, params) =>
        this.#call(method, params),
      )
      if (reply.body !== null) guard.send(JSON.stringify(reply.body))
    } finally {
      this.#callsInFlight--
    }
  }

  async #call(method: string, params: unknown): Promise<RpcResult> {
    if (method === 'shardnet_subscribe') return this.#subscribe(params)
    if (method === 'shardnet_unsubscribe') return this.#unsubscribe(params)
    return this.#parts.dispatch(method, params)
  }

  #subscribe(params: unknown): RpcResult {
    const parsed = Subscribe.safeParse(params)
    if (!parsed.success)
      return invalid("expected {topic: 'commits' | 'prepared', fromHeight?: number}")
    if (this.#subscriptions.size >= this.#parts.limits.subscriptionsPerClientMax)
      return invalid('too many subscriptions')
    const subscription = `0x${(this.#nextSubscription++).toString(16)}`
    const { topic, fromHeight = 0 } = parsed.data
    // After the answer: a client must know the subscription's name before its first notice.
    this.#subscriptions.set(subscription, () => undefined)
    queueMicrotask(() => setImmediate(() => this.#begin(subscription, topic, fromHeight)))
    return { kind: 'ok', value: subscription }
  }

  #begin(subscription: string, topic: 'commits' | 'prepared', fromHeight: number): void {
    if (!this.#subscriptions.has(subscription)) return
    const { guard, door } = this.#parts
    if (topic === 'prepared') {
      const unsubscribe = door.subscribePrepared((notice) =>
        guard.send(notification(subscription, { ...notice })),
      )
      this.#subscriptions.set(subscription, unsubscribe)
      return
    }
    const encode = (notice: CommitNotice): string => notification(subscription, commitView(notice))
    const feed = new EventFeed({ guard, door, fromHeight, encode })
    this.#subscriptions.set(subscription, () => feed.stop())
  }

  #unsubscribe(params: unknown): RpcResult {
    const parsed = Unsubscription.safeParse(params)
    if (!parsed.success) return invalid('expected {subscription: string}')
    const { subscription } = parsed.data
    this.#subscriptions.get(subscription)?.()
    return { kind: 'ok', value: this.#subscriptions.delete(subscription) }
  }

  #end(): void {
    for (const unsubscribe of this.#subscriptions.values()) unsubscribe()
    this.#subscriptions.clear()
  }
}

function commitView({ height, blockHash, digest, event }: CommitNotice): Json {
  return { height, blockHash, digest, event: Buffer.from(event).toString('hex') }
}

function notification(subscription: string, result: Json): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    method: 'shardnet_subscription',
    params: { subscription, result },
  })
}

function invalid(message: string): RpcResult {
  return { kind: 'error', code: rpcErrorCode.invalidParams, message }
}
