import type { ResultMark } from '@shardnet/load-generator'
import type { TestnetStatus } from '@shardnet/operator/local'

/** Watches a testnet for validators that die and come back while it takes load. */
export class RestartWatch {
  readonly #look: () => Promise<TestnetStatus | null>
  readonly #known = new Map<string, number>()
  readonly #marks: ResultMark[] = []
  readonly #timer: NodeJS.Timeout
  #elapsedMs = 0

  constructor(first: TestnetStatus, look: () => Promise<TestnetStatus | null>) {
    this.#look = look
    this.#note(first)
    this.#timer = setInterval(() => void this.#turn(), LOOK_EVERY_MS)
  }

  /** Tells where the run stands on its own clock. */
  at(elapsedMs: number): void {
    this.#elapsedMs = elapsedMs
  }

  /** Ends watching. Returns what happened. */
  close(): readonly ResultMark[] {
    clearInterval(this.#timer)
    return this.#marks
  }

  async #turn(): Promise<void> {
    try {
      const status = await this.#look()
      if (status !== null) this.#note(status)
    } catch {
      clearInterval(this.#timer) // The supervisor is gone: whoever needs it says so.
    }
  }

  #note(status: TestnetStatus): void {
    for (const { name, restarts, lastEnd } of status.validators) {
      const before = this.#known.get(name)
      this.#known.set(name, restarts)
      if (before === undefined || restarts <= before) continue
      const text = `${name} ended (${lastEnd ?? 'no reason given'}) and is started again`
      this.#marks.push({ atMs: this.#elapsedMs, kind: 'restart', text })
    }
  }
}

const LOOK_EVERY_MS = 500
