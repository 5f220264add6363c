import { nextArrivals, scheduleMs, startClock, type Arrivals } from './arrivals.ts'

/** When transactions are to be sent. */
export interface Pace {
  /** Scheduled times, at most `roomMax`, of what is due now. */
  due(nowMs: number, roomMax: number): readonly number[]
  /** Nothing more will be sent. */
  isOver(nowMs: number): boolean
  /** Stops, and says what was due by then and never given out. */
  stop(nowMs: number): readonly number[]
}

/** Overdue arrivals may still leave for so long after the schedule's end. */
const OVERDUE_MS = 500

/** Open loop: the schedule goes on whatever the testnet does. */
export function openPace(arrivals: Arrivals, seed: number): Pace {
  const clock = startClock(arrivals, seed)
  const endMs = scheduleMs(arrivals)
  return {
    due: (nowMs, roomMax) => nextArrivals(clock, nowMs, roomMax),
    isOver: (nowMs) => clock.nextMs === Number.POSITIVE_INFINITY || nowMs > endMs + OVERDUE_MS,
    stop: (nowMs) => nextArrivals(clock, nowMs, Number.POSITIVE_INFINITY),
  }
}

/** As fast as the validators take: each is due when there is room, until `count` have left or the time is over. */
export function saturationPace(count: number, forMsMax: number): Pace {
  let left = count
  return {
    due(nowMs, roomMax) {
      const now = Math.min(left, roomMax)
      left -= now
      return Array.from({ length: now }, () => nowMs)
    },
    isOver: (nowMs) => left === 0 || nowMs >= forMsMax,
    stop: () => [],
  }
}
