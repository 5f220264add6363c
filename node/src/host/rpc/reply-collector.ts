import type { RefusalCode } from '../../client/refusal-code.ts'
import {
  encodeServerFrame,
  REPLIES_PER_FRAME_MAX,
  type ReferenceRange,
  type Refusal,
} from '../../client/stream-protocol.ts'

/** Gathers the answers of one turn of the event loop into as few frames as possible; neighbouring ranges become one. */
export class ReplyCollector {
  readonly #send: (frame: Uint8Array) => void
  #refusals: Refusal[] = []
  #ranges: ReferenceRange[] = []
  #isPlanned = false

  constructor(send: (frame: Uint8Array) => void) {
    this.#send = send
  }

  refused(reference: number, code: RefusalCode): void {
    this.#refusals.push({ reference, code })
    this.#plan()
  }

  acknowledged(firstReference: number, count: number): void {
    const last = this.#ranges.at(-1)
    if (last !== undefined && last.firstReference + last.count === firstReference) {
      this.#ranges[this.#ranges.length - 1] = {
        firstReference: last.firstReference,
        count: last.count + count,
      }
    } else {
      this.#ranges.push({ firstReference, count })
    }
    this.#plan()
  }

  #plan(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    this.#isPlanned = false
    const refusals = this.#refusals
    const ranges = this.#ranges
    this.#refusals = []
    this.#ranges = []
    for (let i = 0; i < refusals.length; i += REPLIES_PER_FRAME_MAX) {
      this.#send(
        encodeServerFrame({
          kind: 'refused',
          refusals: refusals.slice(i, i + REPLIES_PER_FRAME_MAX),
        }),
      )
    }
    for (let i = 0; i < ranges.length; i += REPLIES_PER_FRAME_MAX) {
      this.#send(
        encodeServerFrame({
          kind: 'acknowledged',
          ranges: ranges.slice(i, i + REPLIES_PER_FRAME_MAX),
        }),
      )
    }
  }
}
