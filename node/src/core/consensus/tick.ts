import { resend } from './anti-entropy.ts'
import { announceAgain, wantAnnounced } from './batches.ts'
import { askForMissing } from './fetching.ts'
import type { Replica } from './replica.ts'
import { tickDelayOf } from './view-entry.ts'

/** Repeats what may have been lost, with back-off, until the view is left; only what is durable. */
export function onTick(replica: Replica): void {
  wantAnnounced(replica)
  announceAgain(replica)
  askForMissing(replica)
  const waitedMs = replica.nowMs - replica.enteredAtMs
  if (waitedMs >= replica.parameters.timing.viewTimeoutMs / 2) resend(replica)
  replica.tickBackoff++
  replica.setTimer('tick', tickDelayOf(replica))
}
