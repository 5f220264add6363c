import type { Logger } from 'pino'
import { ApiError } from './api-error.ts'
import type { OperatorCatalogue } from './catalogue.ts'
import type { OperatorMetrics } from './operator-metrics.ts'
import { exponential, WorkQueue } from './work-queue.ts'
import { DeposedError } from './writer.ts'

export type ControllerName = OperatorCatalogue['queueDepth']['labels']['controller'][number]

export interface ControllerQueueOptions {
  readonly name: ControllerName
  readonly workers: number
  readonly metrics: OperatorMetrics
  readonly logger: Logger
  readonly reconcile: (key: string) => Promise<number | null>
}

/** A refused request is not worth repeating at once: somebody has to change something first. */
const TERMINAL_MS = 60_000

/** The queue of one controller, with its metrics and its words about errors. */
export function controllerQueue(options: ControllerQueueOptions): WorkQueue {
  const { name: controller, workers, metrics, logger, reconcile } = options
  const handles = metrics.handles
  const queue: WorkQueue = new WorkQueue({
    work: async (key) => {
      handles.queueDepth.set(queue.depth, { controller })
      return reconcile(key)
    },
    workers,
    backOffMs: retryAfterMs,
    onDone: (_key, milliseconds) => {
      handles.reconcileSeconds.observe(milliseconds / 1_000, { controller })
      handles.queueDepth.set(queue.depth, { controller })
    },
    onError: (key, error, retryMs) => {
      if (error instanceof DeposedError) return
      const isTransient = !isTerminal(error)
      handles.reconcileErrors.inc({ controller, error: isTransient ? 'transient' : 'terminal' })
      const facts = { controller, key, retryMs, reason: wordOf(error) }
      // A conflict is how two writers find out about each other: nobody needs to read of it.
      if (error instanceof ApiError && error.isConflict) logger.debug(facts, error.message)
      else logger.warn(facts, error instanceof Error ? error.message : String(error))
    },
  })
  return queue
}

function isTerminal(error: unknown): boolean {
  return error instanceof ApiError && !error.isTransient && !error.isGone
}

function wordOf(error: unknown): string {
  return error instanceof ApiError ? error.reason : error instanceof Error ? error.name : 'Unknown'
}

/** How long to wait after a failure: as long as the server asks, and long where only a change of something helps. */
function retryAfterMs(error: unknown, failures: number): number {
  const grown = exponential(error, failures)
  if (error instanceof ApiError && error.retryAfterMs !== null) {
    return Math.max(error.retryAfterMs, grown)
  }
  return isTerminal(error) ? Math.max(TERMINAL_MS, grown) : grown
}
