interface Event {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** What will happen, as a binary heap by (time, order of scheduling): two events of one moment never change places. */
export class EventQueue {
  nowMs = 0
  /** Events that have run. */
  count = 0
  readonly #heap: Event[] = []
  #order = 0

  at(delayMs: number, run: () => void): void {
    const event = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run }
    const heap = this.#heap
    let index = heap.length
    heap.push(event)
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || !isBefore(event, parent)) break
      heap[index] = parent
      index = above
    }
    heap[index] = event
  }

  /** Runs the next event if it happens at or before `endMs`; false when there is none. */
  runNext(endMs: number): boolean {
    const event = this.#heap[0]
    if (event === undefined || event.atMs > endMs) return false
    this.#removeFirst()
    this.nowMs = event.atMs
    this.count++
    event.run()
    return true
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    const { length } = heap
    let index = 0
    for (;;) {
      let below = 2 * index + 1
      if (below >= length) break
      const right = heap[below + 1]
      let child = heap[below]
      if (child === undefined) break
      if (right !== undefined && isBefore(right, child)) {
        child = right
        below++
      }
      if (!isBefore(child, last)) break
      heap[index] = child
      index = below
    }
    heap[index] = last
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
