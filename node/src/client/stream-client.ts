import { WebSocket, type RawData } from 'ws'
import {
  decodeServerFrame,
  encodeClientFrame,
  STREAM_PATH,
  type ClientFrame,
  type EventDetail,
  type ReferenceRange,
  type Refusal,
  type ServerFrame,
} from './stream-protocol.ts'

/** Who answered, and the height that it had executed then. */
export type StreamWelcome = Extract<ServerFrame, { kind: 'welcome' }>
type DigestFrame = Omit<Extract<ServerFrame, { kind: 'eventDigest' }>, 'kind'>

/** What a stream tells its owner. Calls are synchronous and in the order of the frames. */
export interface StreamListener {
  onRefused(refusals: readonly Refusal[]): void
  onAcknowledged(ranges: readonly ReferenceRange[]): void
  onBusy(range: ReferenceRange, retryAfterMs: number): void
  /** Canonical bytes of a CommitEvent; the array is the listener's own. */
  onEvent(event: Uint8Array): void
  onEventDigest(digest: DigestFrame): void
  onEventMissing(height: number): void
  /** Once, after a successful connect: nothing more comes. Whether and when to connect again is the owner's choice. */
  onClose(reason: string): void
}

/** How to connect. */
export interface StreamOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** The stream could not be opened, or the other end does not speak the protocol. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
}

const CONNECT_TIMEOUT_MS = 10_000
/** A block's full event is the largest frame: 9 bytes per transaction. */
const FRAME_BYTES_MAX = 67_108_864

/** One binary stream to one validator. */
export class StreamClient {
  /** Who answered. */
  readonly welcome: StreamWelcome
  readonly #socket: WebSocket

  private constructor(socket: WebSocket, welcome: StreamWelcome) {
    this.#socket = socket
    this.welcome = welcome
  }

  /**
   * Connects to the HTTP port at `host:port` and waits for the welcome.
   * @throws StreamError when nobody answers in time or something else does.
   */
  static connect(
    address: string,
    listener: StreamListener,
    options: StreamOptions = {},
  ): Promise<StreamClient> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? CONNECT_TIMEOUT_MS)
    const signal =
      options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout])
    const socket = new WebSocket(`ws://${address}${STREAM_PATH}`, {
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX,
    })
    return new Promise((resolve, reject) => {
      let client: StreamClient | null = null
      let failure = ''
      const onAbort = (): void => {
        failure = timeout.aborted ? 'no answer in time' : 'aborted'
        socket.terminate()
      }
      socket.on('error', (error) => (failure ||= error.message))
      socket.once('close', (code, reason) => {
        signal.removeEventListener('abort', onAbort)
        const why = failure || reason.toString() || `closed with ${code}`
        if (client === null) reject(new StreamError(`${address}: ${why}`))
        else listener.onClose(why)
      })
      socket.on('message', (data) => {
        const frame = frameOf(data)
        if (frame === null || (client === null) !== (frame.kind === 'welcome')) {
          failure ||= 'the other end does not speak the stream protocol'
          socket.close(1002)
        } else if (frame.kind === 'welcome') {
          signal.removeEventListener('abort', onAbort)
          client = new StreamClient(socket, frame)
          resolve(client)
        } else {
          deliver(frame, listener)
        }
      })
      signal.addEventListener('abort', onAbort)
      if (signal.aborted) onAbort()
    })
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  /** Bytes that the validator has not taken yet; a sender that watches this stays fair. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** From `fromHeight` on as far as the validator still has it; 0 means from now on. Replaces an earlier subscription. */
  subscribe(detail: EventDetail, fromHeight = 0): void {
    this.#send({ kind: 'subscribe', detail, fromHeight })
  }

  /** Sends concatenated transactions (at most SUBMIT_BYTES_MAX); the i-th is firstReference + i in every answer. */
  submit(firstReference: number, transactions: Uint8Array): void {
    this.#send({ kind: 'submit', firstReference, transactions })
  }

  /** Asks for one full event; the answer is onEvent or onEventMissing. */
  requestEvent(height: number): void {
    this.#send({ kind: 'eventRequest', height })
  }

  /** Closes politely; onClose follows. */
  close(): void {
    this.#socket.close(1000)
  }

  #send(frame: ClientFrame): void {
    if (this.isOpen) this.#socket.send(encodeClientFrame(frame))
  }
}

function frameOf(data: RawData): ServerFrame | null {
  if (!(data instanceof Uint8Array)) return null
  const decoded = decodeServerFrame(data)
  return decoded.kind === 'value' ? decoded.value : null
}

function deliver(frame: ServerFrame, listener: StreamListener): void {
  switch (frame.kind) {
    case 'refused':
      return listener.onRefused(frame.refusals)
    case 'acknowledged':
      return listener.onAcknowledged(frame.ranges)
    case 'busy':
      return listener.onBusy(
        { firstReference: frame.firstReference, count: frame.count },
        frame.retryAfterMs,
      )
    case 'event':
      return listener.onEvent(frame.event)
    case 'eventDigest':
      return listener.onEventDigest({
        height: frame.height,
        blockHash: frame.blockHash,
        digest: frame.digest,
      })
    case 'eventMissing':
      return listener.onEventMissing(frame.height)
    case 'welcome':
      return
  }
}
