import { setTimeout as delay } from 'node:timers/promises'
import { E2eError } from '../e2e-error.ts'

const LOOK_EVERY_MS = 100

/**
 * Looks again and again until a condition holds. For what other programs do and tell nobody of.
 * @throws {E2eError} naming what was waited for, with what `explain` says, when it does not hold in time.
 */
export async function waitUntil(
  what: string,
  maxMs: number,
  holds: () => boolean | Promise<boolean>,
  explain?: () => string | Promise<string>,
): Promise<void> {
  const until = performance.now() + maxMs
  while (!(await holds())) {
    if (performance.now() > until) {
      const said = explain === undefined ? '' : `: ${await explain()}`
      throw new E2eError(`${what} did not come within ${maxMs / 1_000} s${said}`)
    }
    await delay(LOOK_EVERY_MS)
  }
}
