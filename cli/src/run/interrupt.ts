/** What Ctrl-C means: first an orderly end, then the end. */
export interface Interrupt {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal
  /** Goes back to what signals meant before. */
  release(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A terminal and npm may both pass on one Ctrl-C: what comes within this time is the same one. */
const SAME_SIGNAL_MS = 300

/**
 * Watches for signals. The first aborts, which everybody answers by ending in good order; the second calls `onSecond`,
 * which must not wait for anything.
 */
export function watchInterrupts(onFirst: () => void, onSecond: () => void): Interrupt {
  const controller = new AbortController()
  let firstAt = 0
  const onSignal = () => {
    if (!controller.signal.aborted) {
      firstAt = performance.now()
      onFirst()
      controller.abort(new InterruptedError())
    } else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
      onSecond()
    }
  }
  for (const name of SIGNALS) process.on(name, onSignal)
  return {
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, onSignal)
    },
  }
}

/** Somebody pressed Ctrl-C. */
class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
}

/** Whether an error comes from an interruption, directly or as the reason of an abort. */
export function isInterruption(error: unknown, signal: AbortSignal): boolean {
  if (error instanceof InterruptedError) return true
  return signal.aborted && error instanceof Error && error.name === 'AbortError'
}
