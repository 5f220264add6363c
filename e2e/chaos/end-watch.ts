import type { ValidatorStatus } from '@shardnet/operator/local'
import { nameOf, type Seat, type TestnetUnderChaos } from './testnet-under-chaos.ts'

const LOOK_EVERY_MS = 250
/** How a validator ends that a fault killed. */
const KILLED = /^signal SIGKILL$/

/** Notices every end of a validator that no step of the run asked for: a validator never ends by itself. */
export class EndWatch {
  readonly unexpected: string[] = []
  readonly #testnet: TestnetUnderChaos
  readonly #expected = new Map<string, RegExp>()
  readonly #restarts = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #isLooking = false

  constructor(testnet: TestnetUnderChaos) {
    this.#testnet = testnet
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS)
  }

  /** Until the returned function is called, this validator may also end with that sentence. */
  expect(seat: Seat, sentence: RegExp): () => void {
    this.#expected.set(nameOf(seat), sentence)
    return () => void this.#expected.delete(nameOf(seat))
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      const { validators } = await this.#testnet.status()
      for (const each of validators) this.#note(each)
    } catch {
      this.close() // The supervisor is gone: whoever waits for it says so.
    } finally {
      this.#isLooking = false
    }
  }

  #note({ shard, validator, restarts, lastEnd, name }: ValidatorStatus): void {
    const key = nameOf({ shard, validator })
    const before = this.#restarts.get(key) ?? 0
    this.#restarts.set(key, restarts)
    if (restarts <= before || lastEnd === null || KILLED.test(lastEnd)) return
    if (this.#expected.get(key)?.test(lastEnd) !== true)
      this.unexpected.push(`${name} ended by itself: ${lastEnd}`)
  }
}
