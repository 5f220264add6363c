import type { EventDetail, ServerFrame } from '@shardnet/node/client'
import { NO_ROW } from './flight-table.ts'
import type { Target } from './network.ts'
import type { OpenStream, ValidatorStream } from './stream.ts'

const RECONNECT_MS_MIN = 100
const RECONNECT_MS_MAX = 1_000
const FRAME_BYTES_MAX = 512 * 1_024
const FRAME_BYTES_MIN = 16 * 1_024
/** Above this a validator does not read: it gets nothing more for now. */
const BUFFERED_BYTES_MAX = 4 * 1_024 * 1_024
/** A validator that runs says something at least once a second: an idle shard makes a block that often. */
const SILENT_MS = 3_000
/** References remembered: more transactions are never unanswered at one validator. */
const REFERENCES = 1 << 18

/** What a link tells its owner. */
export interface LinkListener {
  onFrame(link: ValidatorLink, frame: ServerFrame): void
  /** It was open and is not any more. */
  onLost(link: ValidatorLink): void
}

/** One validator's door, kept open: connects again with growing pauses until it is closed for good. */
export class ValidatorLink {
  readonly target: Target
  readonly #openStream: OpenStream
  readonly #listener: LinkListener
  #stream: ValidatorStream | null = null
  #isReady = false
  #isClosed = false
  #heardMs = 0
  #pauseMs = RECONNECT_MS_MIN
  #timer: NodeJS.Timeout | undefined
  /** The next frame; grows to what the link has needed, at most to a frame. */
  #frame = new Uint8Array(FRAME_BYTES_MIN)
  #queueBytes = 0
  #nextReference = 0
  #queueReference = 0
  readonly #rowOfReference = new Int32Array(REFERENCES).fill(NO_ROW)
  readonly #generationOfReference = new Uint32Array(REFERENCES)

  constructor(target: Target, openStream: OpenStream, listener: LinkListener) {
    this.target = target
    this.#openStream = openStream
    this.#listener = listener
  }

  /** It said its welcome and was accepted by `accept`. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** Ready, and reading what it is sent. */
  get isTaking(): boolean {
    return this.#isReady && (this.#stream?.bufferedBytes() ?? 0) < BUFFERED_BYTES_MAX
  }

  /** Taking, and heard of lately: a validator that is paused keeps its connection and says nothing. */
  get isTalking(): boolean {
    return this.isTaking && performance.now() - this.#heardMs < SILENT_MS
  }

  connect(): void {
    this.#stream = this.#openStream(this.target, {
      onFrame: (frame) => {
        this.#heardMs = performance.now()
        if (!this.#isClosed) this.#listener.onFrame(this, frame)
      },
      onClosed: () => this.#onClosed(),
    })
  }

  /** Its welcome was that of the validator we look for. */
  accept(): void {
    this.#isReady = true
    this.#pauseMs = RECONNECT_MS_MIN
  }

  subscribe(detail: EventDetail, fromHeight: number): void {
    this.#stream?.subscribe(detail, fromHeight)
  }

  requestEvent(height: number): void {
    this.#stream?.requestEvent(height)
  }

  /** Puts a transaction into the next frame; the bytes may change after `flush` only. */
  enqueue(row: number, generation: number, bytes: Uint8Array): void {
    if (this.#queueBytes + bytes.length > FRAME_BYTES_MAX) this.flush()
    if (this.#queueBytes + bytes.length > this.#frame.length) this.#growFrame(bytes.length)
    if (this.#queueBytes === 0) this.#queueReference = this.#nextReference
    const slot = this.#nextReference % REFERENCES
    this.#rowOfReference[slot] = row
    this.#generationOfReference[slot] = generation
    this.#nextReference = (this.#nextReference + 1) >>> 0
    this.#frame.set(bytes, this.#queueBytes)
    this.#queueBytes += bytes.length
  }

  /** Sends what was queued as one frame. */
  flush(): void {
    if (this.#queueBytes === 0) return
    // The stream copies: the frame is free again when it returns.
    this.#stream?.submit(this.#queueReference, this.#frame.subarray(0, this.#queueBytes))
    this.#queueBytes = 0
  }

  /** The row that a reference was given to, if that row still has the same generation; `NO_ROW` else. */
  rowOf(reference: number, generations: Uint32Array): number {
    const age = (this.#nextReference - reference) >>> 0
    const slot = reference % REFERENCES
    const row = age === 0 || age > REFERENCES ? NO_ROW : (this.#rowOfReference[slot] ?? NO_ROW)
    return row !== NO_ROW && generations[row] === this.#generationOfReference[slot] ? row : NO_ROW
  }

  /** Drops the connection of somebody who is not who we look for; tries again later. */
  reject(): void {
    this.#stream?.close()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#stream?.close()
  }

  #onClosed(): void {
    const wasReady = this.#isReady
    this.#isReady = false
    this.#stream = null
    this.#queueBytes = 0
    if (this.#isClosed) return
    this.#timer = setTimeout(() => this.connect(), this.#pauseMs)
    this.#pauseMs = Math.min(RECONNECT_MS_MAX, this.#pauseMs * 2)
    if (wasReady) this.#listener.onLost(this)
  }

  #growFrame(by: number): void {
    const wanted = Math.max(this.#frame.length * 2, this.#queueBytes + by)
    const frame = new Uint8Array(wanted)
    frame.set(this.#frame.subarray(0, this.#queueBytes))
    this.#frame = frame
  }
}
