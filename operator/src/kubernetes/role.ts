import type { Logger } from 'pino'
import type { ClusterSession } from './cluster-session.ts'
import type { EventRecorder } from './event-recorder.ts'
import type { OperatorMetrics } from './operator-metrics.ts'
import type { WorkQueue } from './work-queue.ts'

export interface RoleOptions {
  readonly session: ClusterSession
  readonly metrics: OperatorMetrics
  readonly events: EventRecorder
  readonly logger: Logger
  readonly workers: number
  readonly defaultImage: string
}

/** What a role has to offer to the process that runs it. */
export interface Role {
  /** Adds everything there is to its queues: when the lease was taken, all may have changed. */
  readonly begin: () => void
  /** Looks at each object once, for a dry run. */
  readonly once: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** One controller with its queue. Nothing is added before it began: until then others write. */
export class Controlled implements Role {
  readonly #queue: WorkQueue
  readonly #reconcile: (key: string) => Promise<number | null>
  readonly #keys: () => readonly string[]
  #isBegun = false

  constructor(
    queue: WorkQueue,
    reconcile: (key: string) => Promise<number | null>,
    keys: () => readonly string[],
  ) {
    this.#queue = queue
    this.#reconcile = reconcile
    this.#keys = keys
  }

  add(key: string | null): void {
    if (this.#isBegun && key !== null) this.#queue.add(key)
  }

  addAll(): void {
    for (const key of this.#keys()) this.add(key)
  }

  begin(): void {
    this.#isBegun = true
    this.addAll()
  }

  async once(): Promise<void> {
    for (const key of this.#keys()) await this.#reconcile(key)
  }

  stop(): Promise<void> {
    return this.#queue.stop()
  }
}
