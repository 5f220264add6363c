import { type ApiCall, isWrite, labelOf } from '../cluster/api-proxy/api-call.ts'
import type { Interference } from '../cluster/api-proxy/interference.ts'

/** A moment at which an operator can die: just before or just after one of its writes. */
export interface KillPoint {
  /** What is written, and the how manieth time. */
  readonly label: string
  readonly when: 'before' | 'after'
}

export function nameOf({ label, when }: KillPoint): string {
  return `${when} ${label}`
}

/**
 * Every write that a life made, each with the moment before it and the moment after it. Renewals of the lease are left
 * out: they come by the clock.
 */
export function killPoints(calls: readonly ApiCall[]): readonly KillPoint[] {
  const counter = new WriteCounter()
  const labels = calls.flatMap((call) => counter.count(call) ?? [])
  return [...new Set(labels)].flatMap((label) => [
    { label, when: 'before' },
    { label, when: 'after' },
  ])
}

/** Dies at a point, once. `kill` is called at that moment. */
export function killAt({ label, when }: KillPoint, kill: () => void): Interference {
  const counter = new WriteCounter()
  const answered = new WriteCounter()
  let isDone = false
  const hits = (found: string | null): boolean => {
    if (isDone || found !== label) return false
    isDone = true
    kill()
    return true
  }
  return when === 'before'
    ? { onCall: (call) => ({ kind: hits(counter.count(call)) ? 'cutBefore' : 'forward' }) }
    : { onAnswered: (call) => void hits(answered.count(call)) }
}

/** The labels of the points of a life, in the order in which they came. */
export function writesOf(calls: readonly ApiCall[]): readonly string[] {
  return [...new Set(killPoints(calls).map(({ label }) => label))]
}

/** Holds a write back until `until`. `onHeld` is called when it comes, `onAnswered` when the API server has judged it. */
export function holdAt(
  label: string,
  until: Promise<void>,
  { onHeld, onAnswered }: { onHeld: () => void; onAnswered: (status: number) => void },
): Interference {
  const counter = new WriteCounter()
  let held: ApiCall | null = null
  return {
    onCall: (call) => {
      if (held !== null || counter.count(call) !== label) return { kind: 'forward' }
      held = call
      onHeld()
      return { kind: 'hold', until }
    },
    onAnswered: (call, status) => {
      if (call === held) onAnswered(status)
    },
  }
}

/** Names writes alike in every namespace and every life. */
class WriteCounter {
  readonly #counts = new Map<string, number>()

  /** Null for what is no point. */
  count(call: ApiCall): string | null {
    if (!isWrite(call) || (call.resource === 'leases' && call.verb !== 'create')) return null
    const label = labelOf({ ...call, namespace: '' })
    const count = (this.#counts.get(label) ?? 0) + 1
    this.#counts.set(label, count)
    // How often a status is told depends on how fast pods come up.
    const isCounted = call.subresource !== 'status' && call.resource !== 'events'
    if (count === 1) return label
    return isCounted ? `${label} (${count})` : null
  }
}
