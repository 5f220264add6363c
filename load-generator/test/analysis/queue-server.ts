/**
 * Test equipment: a server with a queue, and clients that give up waiting and send again. It shares no code with what it
 * tests, not even the source of chance.
 */
export interface ServerOptions {
  readonly seed: number
  /** Transactions per second that it can do on average. */
  readonly capacity: number
  /** Relative deviation of one second's capacity; neighbouring blocks resemble each other. */
  readonly noise: number
  /** Relative change of the capacity over its slow wave, and the wave's length. */
  readonly drift?: number
  readonly driftPeriodSeconds?: number
  /** After so long clients send the same again, which costs the server as much as the first time. */
  readonly retryAfterMs?: number
  /** Latency of an idle server. */
  readonly baseMs?: number
  readonly blockMs?: number
  /** Offered and done slower at the start: the part missing at first, and how fast it comes. */
  readonly coldShare?: number
  readonly coldMs?: number
}

/** What a client saw of one transaction; null where it never committed. */
export interface Served {
  readonly scheduledMs: number
  readonly committedMs: number | null
}

interface Waiting {
  readonly scheduledMs: number
  sentMs: number
  done: boolean
}

/** Its clock goes on from load to load, and so do its moods. */
export class QueueServer {
  readonly #options: ServerOptions
  #state: number
  #mood = 0
  nowMs = 0

  constructor(options: ServerOptions) {
    this.#options = options
    this.#state = (options.seed * 2_654_435_761 + 12_345) >>> 0
  }

  /** Poisson arrivals at a rate for a while; then waits until the queue is empty, at most `drainMs`. */
  load(rate: number, forMs: number, drainMs = 20_000): Served[] {
    const { blockMs = 100, retryAfterMs = Number.POSITIVE_INFINITY } = this.#options
    const served: Served[] = []
    const startMs = this.nowMs
    const endMs = startMs + forMs
    const queue: Waiting[] = []
    // Clients look at their watches in the order in which they last sent.
    const watches: Waiting[] = []
    let [head, firstWatch, credit, open] = [0, 0, 0, 0]
    let nextMs = startMs + this.#gapMs(rate)
    while (this.nowMs < endMs || (open > 0 && this.nowMs < endMs + drainMs)) {
      const untilMs = this.nowMs + blockMs
      for (; nextMs <= Math.min(untilMs, endMs); nextMs += this.#gapMs(rate)) {
        const one = { scheduledMs: nextMs, sentMs: nextMs, done: false }
        queue.push(one)
        watches.push(one)
        open += 1
      }
      this.nowMs = untilMs
      for (let one = watches[firstWatch]; one !== undefined; one = watches[firstWatch]) {
        if (!one.done && one.sentMs + retryAfterMs > untilMs) break
        firstWatch += 1
        if (one.done) continue
        one.sentMs = untilMs
        queue.push(one)
        watches.push(one)
      }
      credit += this.#capacityOfBlock(blockMs)
      for (; head < queue.length && credit >= 1; head++, credit--) {
        const one = queue[head]
        if (one === undefined || one.done) continue
        one.done = true
        open -= 1
        served.push(this.#served(one.scheduledMs, untilMs, startMs))
      }
      // An idle server saves nothing up.
      if (head === queue.length) credit = Math.min(credit, 1)
    }
    for (const one of new Set(queue.slice(head)))
      if (!one.done) served.push({ scheduledMs: one.scheduledMs - startMs, committedMs: null })
    return served
  }

  #served(scheduledMs: number, untilMs: number, startMs: number): Served {
    const { blockMs = 100, baseMs = 150 } = this.#options
    const committedMs = untilMs + baseMs + this.#unit() * blockMs
    return { scheduledMs: scheduledMs - startMs, committedMs: committedMs - startMs }
  }

  #capacityOfBlock(blockMs: number): number {
    const { capacity, noise, drift = 0, driftPeriodSeconds = 120 } = this.#options
    const { coldShare = 0, coldMs = 1 } = this.#options
    // First-order memory of about a second.
    const memory = Math.exp(-blockMs / 1_000)
    this.#mood = memory * this.#mood + Math.sqrt(1 - memory * memory) * this.#normal()
    const wave = drift * Math.sin((2 * Math.PI * this.nowMs) / (driftPeriodSeconds * 1_000))
    const cold = 1 - coldShare * Math.exp(-this.nowMs / coldMs)
    return Math.max(0, capacity * (1 + noise * this.#mood + wave) * cold * (blockMs / 1_000))
  }

  #gapMs(rate: number): number {
    return (-Math.log(1 - this.#unit()) * 1_000) / rate
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#unit())) * Math.cos(2 * Math.PI * this.#unit())
  }

  /** Park–Miller. */
  #unit(): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647 || 1
    return this.#state / 2_147_483_647
  }
}
