import { performance } from 'node:perf_hooks'
import { clearTimeout, setTimeout as planTimeout } from 'node:timers'
import type { LinkRule } from '../../client/link-rule.ts'
import { DelayLine } from './delay-line.ts'
import {
  conditionOf,
  decideFrame,
  FRESH_LINK,
  type LinkCondition,
  type LinkMemory,
} from './link-decision.ts'
import type { LinkDirection, LinkShaper, LinkVerdict, ShapedFrame } from './link-shaper.ts'
import { purposeRules, type Purpose } from './purpose.ts'
import { seatName } from './seat.ts'

/** All links together hold back no more than this. */
const WAITING_BYTES_MAX = 134_217_728

/** Frames since the start, for metrics. */
export interface ShapedTotals {
  readonly dropped: Readonly<Record<LinkDirection, number>>
  readonly delayed: Readonly<Record<LinkDirection, number>>
}

/** What a shaper needs of the world. */
export interface ShaperPorts {
  /** A clock that never goes back, in milliseconds. */
  readonly nowMs: () => number
  /** Milliseconds since 1970: rules end on this one, because they outlive the process. */
  readonly wallMs: () => number
  /** From [0, 1). */
  readonly draw: () => number
}

const REAL_PORTS: ShaperPorts = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  draw: () => Math.random(),
}

interface TimedRule {
  readonly rule: LinkRule
  readonly endsAtMs: number
}

interface Link {
  readonly condition: LinkCondition | null
  readonly line: DelayLine
  memory: LinkMemory
  readonly waitingBytes: Record<Purpose, number>
}

/**
 * Shapes links by rules that each end by themselves. Without rules a frame costs one comparison. When the rules of a link
 * change, what waits on it goes at once and in order: no frame stays behind in a fault that is over.
 */
export class RuleLinkShaper implements LinkShaper {
  readonly #ports: ShaperPorts
  readonly #onExpired: (rule: LinkRule) => void
  readonly #links = new Map<string, Link>()
  readonly #dropped = { outbound: 0, inbound: 0 }
  readonly #delayed = { outbound: 0, inbound: 0 }
  #rules: readonly TimedRule[] = []
  #waitingBytes = 0
  #timer: NodeJS.Timeout | null = null

  constructor(onExpired: (rule: LinkRule) => void, ports: ShaperPorts = REAL_PORTS) {
    this.#onExpired = onExpired
    this.#ports = ports
  }

  get totals(): ShapedTotals {
    return { dropped: this.#dropped, delayed: this.#delayed }
  }

  /** The rules in force at this moment. */
  get rules(): readonly LinkRule[] {
    this.#expire()
    return this.#rules.map(({ rule }) => rule)
  }

  /** Puts these rules in the place of all others. Those whose end has passed are left out. */
  set(rules: readonly LinkRule[]): void {
    const { nowMs, wallMs } = this.#ports
    const offsetMs = nowMs() - wallMs()
    this.#rules = rules.map((rule) => ({ rule, endsAtMs: rule.untilMs + offsetMs }))
    this.#changed()
    this.#expire()
  }

  shape(frame: ShapedFrame): LinkVerdict {
    if (this.#rules.length === 0) return 'pass'
    this.#expire()
    const link = this.#linkOf(frame)
    if (link.condition === null) return 'pass'
    return this.#decide(link, link.condition, frame)
  }

  #decide(link: Link, condition: LinkCondition, frame: ShapedFrame): LinkVerdict {
    const { direction, purpose, bytes } = frame
    const { nowMs, draw } = this.#ports
    const ownRoom = purposeRules[purpose].queueBytesMax - link.waitingBytes[purpose]
    const { verdict, releaseMs, memory } = decideFrame(condition, link.memory, {
      purpose,
      bytes,
      nowMs: nowMs(),
      roomBytes: Math.min(ownRoom, WAITING_BYTES_MAX - this.#waitingBytes),
      lossDraw: draw(),
      jitterDraw: draw(),
    })
    link.memory = memory
    if (verdict === 'drop') this.#dropped[direction]++
    if (verdict === 'later') {
      this.#delayed[direction]++
      this.#hold(link, frame, releaseMs)
    }
    return verdict
  }

  #hold(link: Link, { purpose, bytes, deliver }: ShapedFrame, releaseMs: number): void {
    link.waitingBytes[purpose] += bytes
    this.#waitingBytes += bytes
    link.line.put(releaseMs, () => {
      link.waitingBytes[purpose] -= bytes
      this.#waitingBytes -= bytes
      deliver()
    })
  }

  #linkOf({ direction, peer }: ShapedFrame): Link {
    const name = `${direction} ${seatName(peer)}`
    const known = this.#links.get(name)
    if (known !== undefined) return known
    const link = {
      condition: conditionOf(
        this.#rules.map(({ rule }) => rule),
        direction,
        peer,
      ),
      line: new DelayLine(this.#ports.nowMs),
      memory: FRESH_LINK,
      waitingBytes: { consensus: 0, data: 0, sync: 0, crossshard: 0 },
    }
    this.#links.set(name, link)
    return link
  }

  #changed(): void {
    const links = [...this.#links.values()]
    this.#links.clear()
    for (const { line } of links) line.flush()
    this.#planExpiry()
  }

  #expire(): void {
    const nowMs = this.#ports.nowMs()
    const over = this.#rules.filter(({ endsAtMs }) => endsAtMs <= nowMs)
    if (over.length === 0) return
    this.#rules = this.#rules.filter(({ endsAtMs }) => endsAtMs > nowMs)
    this.#changed()
    for (const { rule } of over) this.#onExpired(rule)
  }

  /** So that a rule ends also on a link that nobody uses, and what waits there goes on. */
  #planExpiry(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#rules.length === 0) return
    const firstMs = Math.min(...this.#rules.map(({ endsAtMs }) => endsAtMs))
    const delayMs = Math.ceil(Math.max(0, firstMs - this.#ports.nowMs()))
    this.#timer = planTimeout(() => {
      this.#timer = null
      this.#expire()
      if (this.#timer === null) this.#planExpiry()
    }, delayMs)
    this.#timer.unref()
  }
}
