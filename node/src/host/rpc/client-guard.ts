import type { WebSocket } from 'ws'

/** Why the server hung up. */
export type DisconnectReason = 'slowReader' | 'protocol' | 'tooMany' | 'stopping'

/** WebSocket close codes by reason (RFC 6455 §7.4.1). */
const CLOSE_CODES = {
  slowReader: 1008,
  protocol: 1002,
  tooMany: 1013,
  stopping: 1001,
} as const satisfies Record<DisconnectReason, number>

/** What a guard needs to know. */
export interface ClientGuardOptions {
  readonly bufferBytesMax: number
  readonly pingIntervalMs: number
  readonly onDisconnect: (reason: DisconnectReason) => void
}

/** Keeps one WebSocket client from costing more than it may: bounded bytes waiting for it, and proof of life. */
export class ClientGuard {
  readonly socket: WebSocket
  readonly #options: ClientGuardOptions
  readonly #pings: NodeJS.Timeout
  #isAlive = true
  #isOver = false

  constructor(socket: WebSocket, options: ClientGuardOptions) {
    this.socket = socket
    this.#options = options
    this.#pings = setInterval(() => this.#ping(), options.pingIntervalMs)
    this.#pings.unref()
    socket.on('pong', () => (this.#isAlive = true))
    socket.on('close', () => this.#end())
    // What the client did wrong is answered by ws with the right close code; 'close' follows.
    socket.on('error', () => socket.terminate())
  }

  get isOpen(): boolean {
    return !this.#isOver && this.socket.readyState === this.socket.OPEN
  }

  /** Bytes that wait for the client to read them. */
  get bufferedBytes(): number {
    return this.socket.bufferedAmount
  }

  /** Sends, or hangs up on a client that does not read. `onSent` runs when the bytes left for the kernel. */
  send(data: string | Uint8Array, onSent?: () => void): void {
    if (!this.isOpen) return
    this.socket.send(data, () => onSent?.())
    if (this.bufferedBytes > this.#options.bufferBytesMax) this.disconnect('slowReader')
  }

  /** A polite close frame, and then no waiting: a client that is in the wrong does not get our memory meanwhile. */
  disconnect(reason: DisconnectReason): void {
    if (this.#isOver) return
    this.#end()
    this.#options.onDisconnect(reason)
    if (reason === 'slowReader') this.socket.terminate()
    else this.socket.close(CLOSE_CODES[reason], reason)
  }

  #ping(): void {
    if (!this.#isAlive) {
      this.disconnect('slowReader')
      return
    }
    this.#isAlive = false
    if (this.isOpen) this.socket.ping()
  }

  #end(): void {
    this.#isOver = true
    clearInterval(this.#pings)
  }
}
