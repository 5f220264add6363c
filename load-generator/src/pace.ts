import { ArrivalClock } from './arrival-clock.ts'
import { scheduleMs, type Arrivals } from './arrivals.ts'
import { PartClock, type SchedulePart } from './share/schedule-part.ts'

/** Nothing is due. */
export const NOTHING_DUE = -1

/** When transactions are to be sent. */
export interface Pace {
  /** Takes the next one that is due now: its scheduled time, or `NOTHING_DUE`. */
  take(nowMs: number): number
  /** Nothing more will be sent. */
  isOver(nowMs: number): boolean
  /** Stops, and says what was due by then and never taken. */
  stop(nowMs: number): readonly number[]
}

/** Overdue arrivals may still leave for so long after the schedule's end. */
const OVERDUE_MS = 500

/** Open loop: the schedule goes on whatever the testnet does. */
export function openPace(arrivals: Arrivals, seed: number): Pace {
  const clock = new ArrivalClock(arrivals, seed)
  return paceOf(clock, arrivals, () => clock.nextMs === Number.POSITIVE_INFINITY)
}

/** The same of the part that one of several generators sends. */
export function partPace(arrivals: Arrivals, part: SchedulePart): Pace {
  const clock = new PartClock(part)
  return paceOf(clock, arrivals, (nowMs) => clock.isOver(nowMs))
}

function paceOf(clock: Clock, arrivals: Arrivals, isOver: (nowMs: number) => boolean): Pace {
  const endMs = scheduleMs(arrivals)
  return {
    take: (nowMs) => (clock.nextMs <= nowMs ? takeFinite(clock) : NOTHING_DUE),
    isOver: (nowMs) => isOver(nowMs) || nowMs > endMs + OVERDUE_MS,
    stop(nowMs) {
      const missed: number[] = []
      while (clock.nextMs <= nowMs && clock.nextMs < Number.POSITIVE_INFINITY)
        missed.push(clock.take())
      return missed
    },
  }
}

type Clock = Pick<ArrivalClock, 'nextMs' | 'take'>

/** The schedule's end stands at infinity, which is never due. */
function takeFinite(clock: Clock): number {
  return clock.nextMs === Number.POSITIVE_INFINITY ? NOTHING_DUE : clock.take()
}

/** As fast as the validators take: each is due when there is room, until `count` have left or the time is over. */
export function saturationPace(count: number, forMsMax: number): Pace {
  let left = count
  return {
    take(nowMs) {
      if (left === 0) return NOTHING_DUE
      left -= 1
      return nowMs
    },
    isOver: (nowMs) => left === 0 || nowMs >= forMsMax,
    stop: () => [],
  }
}
