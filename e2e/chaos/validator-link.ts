import { setTimeout as delay } from 'node:timers/promises'
import { type RefusalName, refusalNameOf, StreamClient, StreamError } from '@shardnet/node/client'
import { type CommitEvent, decodeWith, readCommitEvent } from '@shardnet/node/core'
import type { Seat } from './testnet-under-chaos.ts'

/** What a link tells the client. */
export interface LinkEvents {
  readonly onAcknowledged: (first: number, count: number) => void
  readonly onRefused: (reference: number, code: RefusalName | 'unknown') => void
  readonly onBusy: (first: number, count: number) => void
  readonly onEvent: (event: CommitEvent) => void
  /** Everything that was sent on the link and not answered is open again. */
  readonly onDown: () => void
}

const RECONNECT_MS = 300
const CONNECT_MS = 3_000

/** The stream to one validator: opened again for ever, because its other end dies and comes back. */
export class ValidatorLink {
  readonly seat: Seat
  readonly #address: string
  readonly #events: LinkEvents
  /** Height from which events are asked for. */
  readonly #fromHeight: () => number
  readonly #stop = new AbortController()
  #stream: StreamClient | null = null
  #running: Promise<void> | null = null

  constructor(seat: Seat, address: string, events: LinkEvents, fromHeight: () => number) {
    this.seat = seat
    this.#address = address
    this.#events = events
    this.#fromHeight = fromHeight
  }

  get isOpen(): boolean {
    return this.#stream?.isOpen === true
  }

  start(): void {
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#stream?.close()
    await this.#running
  }

  submit(first: number, transactions: Uint8Array): void {
    this.#stream?.submit(first, transactions)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#once(signal)
      this.#stream = null
      this.#events.onDown()
      // An abort ends the pause, and the loop with it.
      await delay(RECONNECT_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async #once(signal: AbortSignal): Promise<void> {
    const closed = Promise.withResolvers<void>()
    const { onAcknowledged, onRefused, onBusy, onEvent } = this.#events
    const listener = {
      onAcknowledged: (ranges: readonly { firstReference: number; count: number }[]) => {
        for (const { firstReference, count } of ranges) onAcknowledged(firstReference, count)
      },
      onRefused: (refusals: readonly { reference: number; code: number }[]) => {
        for (const { reference, code } of refusals)
          onRefused(reference, refusalNameOf(code) ?? 'unknown')
      },
      onBusy: ({ firstReference, count }: { firstReference: number; count: number }) =>
        onBusy(firstReference, count),
      onEvent: (bytes: Uint8Array) => {
        const decoded = decodeWith(bytes, readCommitEvent)
        if (decoded.kind === 'value') onEvent(decoded.value)
      },
      onEventDigest: () => undefined,
      onEventMissing: () => undefined,
      onClose: () => closed.resolve(),
    }
    try {
      const options = { signal, timeoutMs: CONNECT_MS }
      this.#stream = await StreamClient.connect(this.#address, listener, options)
    } catch (error) {
      if (error instanceof StreamError) return
      throw error
    }
    this.#stream.subscribe('full', this.#fromHeight())
    await closed.promise
  }
}
