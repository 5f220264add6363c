/** Does the work of one key. Returns after how long to do it again, or null to wait until something happens. */
export type Work = (key: string) => Promise<number | null>

export interface WorkQueueOptions {
  readonly work: Work
  readonly workers: number
  /** Told of each failure and how long it is waited; a failure without a wait is not tried again by itself. */
  readonly onError: (key: string, error: unknown, retryMs: number | null) => void
  /** Told how long each turn took: for metrics. */
  readonly onDone?: (key: string, milliseconds: number) => void
  /** How long to wait after the n-th failure in a row; null gives the key up until something happens. */
  readonly backOffMs?: (error: unknown, failures: number) => number | null
}

const BACK_OFF_MS = 250
const BACK_OFF_MS_MAX = 300_000

/**
 * Keys of objects that want a look. A key is in it once, however often it is added, and is never worked on twice at a
 * time: what is added meanwhile is done afterwards.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions
  readonly #waiting = new Set<string>()
  readonly #running = new Set<string>()
  readonly #again = new Set<string>()
  readonly #timers = new Map<string, { timer: NodeJS.Timeout; dueAt: number }>()
  readonly #failures = new Map<string, number>()
  #isStopped = false
  #idle: (() => void) | null = null

  constructor(options: WorkQueueOptions) {
    this.#options = options
  }

  /** Keys that wait for a worker. */
  get depth(): number {
    return this.#waiting.size
  }

  add(key: string): void {
    if (this.#isStopped) return
    if (this.#running.has(key)) this.#again.add(key)
    else this.#waiting.add(key)
    this.#pump()
  }

  /** Adds a key after a while; of several waits the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#isStopped) return
    const dueAt = performance.now() + delayMs
    const known = this.#timers.get(key)
    if (known !== undefined && known.dueAt <= dueAt) return
    clearTimeout(known?.timer)
    const timer = setTimeout(() => {
      this.#timers.delete(key)
      this.add(key)
    }, delayMs)
    this.#timers.set(key, { timer, dueAt })
  }

  /** Forgets what waits, and resolves when nothing is being worked on. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#waiting.clear()
    this.#again.clear()
    for (const { timer } of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    if (this.#running.size === 0) return
    await new Promise<void>((resolve) => (this.#idle = resolve))
  }

  #pump(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.workers) return
      this.#waiting.delete(key)
      this.#running.add(key)
      void this.#run(key)
    }
  }

  async #run(key: string): Promise<void> {
    const startedAt = performance.now()
    try {
      const againMs = await this.#options.work(key)
      this.#failures.delete(key)
      if (againMs !== null) this.addAfter(key, againMs)
    } catch (error) {
      this.#failed(key, error)
    }
    this.#options.onDone?.(key, performance.now() - startedAt)
    this.#running.delete(key)
    if (this.#again.delete(key)) this.#waiting.add(key)
    if (this.#isStopped && this.#running.size === 0) this.#idle?.()
    this.#pump()
  }

  #failed(key: string, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    const retryMs = (this.#options.backOffMs ?? exponential)(error, failures)
    this.#options.onError(key, error, retryMs)
    if (retryMs !== null) this.addAfter(key, retryMs)
  }
}

/** Twice as long after each failure in a row, with some chance so that keys that fail together do not come together. */
export function exponential(_error: unknown, failures: number): number {
  const base = Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS * 2 ** Math.min(failures - 1, 30))
  return base * (0.75 + Math.random() / 2)
}
