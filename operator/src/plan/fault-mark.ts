import type { ResultMark } from '@shardnet/load-generator'
import type { FaultPlan } from '../api/fault.ts'
import { faultText } from '../api/fault-text.ts'
import type { FaultStatus } from '../api/testnet-status.ts'

/** What a fault did, on the clock of a load that began at `startedAtMs`; null for one that did nothing in it. */
export function markOfFault(
  fault: FaultPlan,
  { startTime, endTime, targets = [], state }: FaultStatus,
  startedAtMs: number,
): ResultMark | null {
  const beganAtMs = Date.parse(startTime ?? '')
  if (Number.isNaN(beganAtMs)) return null
  const text = `${faultText(fault)} on ${targets.join(', ') || 'nobody'}`
  const onLoadClock = (atMs: number): number => Math.max(0, atMs - startedAtMs)
  const atMs = onLoadClock(beganAtMs)
  if (state === 'Failed') return { atMs, kind: 'note', text: `${text}: it could not begin` }
  const endedAtMs = Date.parse(endTime ?? '')
  if (fault.for === undefined || Number.isNaN(endedAtMs)) return { atMs, kind: 'fault', text }
  return { atMs, untilMs: onLoadClock(endedAtMs), kind: 'fault', text }
}
