import type { LinkRule } from '../../client/link-rule.ts'
import type { Purpose } from './purpose.ts'
import type { LinkDirection, LinkVerdict } from './link-shaper.ts'
import type { Seat } from './seat.ts'

/** How far a link may be ahead of its rate after a pause: the depth of the token bucket, in time. */
export const BURST_MS = 50

/** All rules of one link and direction in one: they add up as links in a row would. */
export interface LinkCondition {
  readonly isPartitioned: boolean
  readonly latencyMs: number
  readonly jitterMs: number
  readonly reorders: boolean
  /** 0 to 1. */
  readonly loss: number
  readonly bytesPerSecond: number | null
}

/** What a link remembers from frame to frame, in milliseconds on the caller's clock. */
export interface LinkMemory {
  /** Until then the bytes sent so far use the link up; may lie in the past. */
  readonly busyUntilMs: number
  /** Latest release so far of each channel: what comes after it must not overtake. */
  readonly lastReleaseMs: Readonly<Record<Purpose, number>>
}

const NEVER_MS = Number.NEGATIVE_INFINITY

/** A link that has carried nothing. */
export const FRESH_LINK: LinkMemory = {
  busyUntilMs: NEVER_MS,
  lastReleaseMs: { consensus: NEVER_MS, data: NEVER_MS, sync: NEVER_MS, crossshard: NEVER_MS },
}

/** One frame at one moment, and two draws from [0, 1). */
export interface FrameCase {
  readonly purpose: Purpose
  readonly bytes: number
  readonly nowMs: number
  /** Bytes that may still be held back. */
  readonly roomBytes: number
  readonly lossDraw: number
  readonly jitterDraw: number
}

/** What happens to a frame, and what the link remembers of it. */
export interface LinkDecision {
  readonly verdict: LinkVerdict
  /** When to deliver it; for `later`. */
  readonly releaseMs: number
  readonly memory: LinkMemory
}

/**
 * Decides one frame. Pure. A frame is lost first (a lost one uses no bandwidth), then waits for the link to have room for its
 * bytes, then for latency and jitter. Frames of one channel stay in order, as on the stream that carries them, unless the
 * condition says that jitter reorders.
 */
export function decideFrame(
  condition: LinkCondition,
  memory: LinkMemory,
  frame: FrameCase,
): LinkDecision {
  const { purpose, bytes, nowMs } = frame
  const unchanged = { releaseMs: nowMs, memory }
  if (condition.isPartitioned || frame.lossDraw < condition.loss)
    return { verdict: 'drop', ...unchanged }
  const busyUntilMs = busyAfter(condition, memory, bytes, nowMs)
  const sentMs = Math.max(nowMs, busyUntilMs)
  const drawnMs = sentMs + condition.latencyMs + condition.jitterMs * frame.jitterDraw
  const lastMs = memory.lastReleaseMs[purpose]
  const releaseMs = condition.reorders ? drawnMs : Math.max(drawnMs, lastMs)
  if (releaseMs > nowMs && bytes > frame.roomBytes) return { verdict: 'refuse', ...unchanged }
  return {
    verdict: releaseMs > nowMs ? 'later' : 'pass',
    releaseMs,
    memory: {
      busyUntilMs,
      lastReleaseMs: { ...memory.lastReleaseMs, [purpose]: Math.max(lastMs, releaseMs) },
    },
  }
}

function busyAfter(
  { bytesPerSecond }: LinkCondition,
  { busyUntilMs }: LinkMemory,
  bytes: number,
  nowMs: number,
): number {
  if (bytesPerSecond === null) return NEVER_MS
  return Math.max(busyUntilMs, nowMs - BURST_MS) + (bytes * 1000) / bytesPerSecond
}

/** The condition of one link; null when no rule touches it. */
export function conditionOf(
  rules: readonly LinkRule[],
  direction: LinkDirection,
  peer: Seat,
): LinkCondition | null {
  const touching = rules.filter((rule) => touches(rule, direction, peer))
  if (touching.length === 0) return null
  const rates = touching.flatMap(({ bytesPerSecond }) => bytesPerSecond ?? [])
  return {
    isPartitioned: touching.some((rule) => rule.isPartitioned),
    latencyMs: touching.reduce((sum, rule) => sum + rule.latencyMs, 0),
    jitterMs: touching.reduce((sum, rule) => sum + rule.jitterMs, 0),
    reorders: touching.some((rule) => rule.reorders),
    loss: 1 - touching.reduce((kept, rule) => kept * (1 - rule.loss), 1),
    bytesPerSecond: rates.length === 0 ? null : Math.min(...rates),
  }
}

function touches({ direction, peers }: LinkRule, asked: LinkDirection, peer: Seat): boolean {
  if (direction !== 'both' && direction !== asked) return false
  if (peers === 'all') return true
  return peers.some(({ shard, validator }) => shard === peer.shard && validator === peer.validator)
}
