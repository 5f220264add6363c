import type { FaultPlan } from './fault.ts'

/** A fault in a few words: `delay 100ms for 10s`. */
export function faultText(fault: FaultPlan): string {
  const { action, latency, jitter, share, bytesPerSecond, direction } = fault
  const parts = [
    action,
    latency,
    jitter === undefined ? undefined : `+ up to ${jitter}`,
    share,
    bytesPerSecond === undefined ? undefined : `${bytesPerSecond} B/s`,
    direction === undefined || direction === 'Both' ? undefined : direction.toLowerCase(),
    fault.for === undefined ? undefined : `for ${fault.for}`,
  ]
  return parts.filter((part) => part !== undefined).join(' ')
}
