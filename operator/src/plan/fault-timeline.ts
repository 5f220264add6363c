import type { Fault } from '../api/fault.ts'
import type { FaultStatus } from '../api/testnet-status.ts'
import { type FaultStep, type FaultTarget, windowOf } from './fault-plan.ts'

/** Where a fault stands, and what follows from it. */
export type FaultMoment =
  | { readonly kind: 'waiting'; readonly untilMs: number }
  | { readonly kind: 'begin' }
  | { readonly kind: 'active'; readonly startMs: number; readonly endMs: number }
  | { readonly kind: 'over'; readonly startMs: number }
  | { readonly kind: 'ended' }

/** Decides from the clock and from what was told before: a fault goes on where it was when its operator died. */
export function faultMoment(
  fault: Fault,
  status: FaultStatus,
  createdMs: number,
  nowMs: number,
): FaultMoment {
  if (status.state === 'Undone' || status.state === 'Failed') return { kind: 'ended' }
  const { atMs, forMs } = windowOf(fault.spec)
  const startMs = Date.parse(status.startTime ?? '')
  if (Number.isNaN(startMs)) {
    const dueMs = createdMs + atMs
    return nowMs < dueMs ? { kind: 'waiting', untilMs: dueMs } : { kind: 'begin' }
  }
  const endMs = startMs + forMs
  const isOnce = forMs === 0
  return isOnce || nowMs < endMs ? { kind: 'active', startMs, endMs } : { kind: 'over', startMs }
}

/** Targets as a status names them, and back: a proposer is chosen once, although the view moves on. */
function targetName({ shard, validator }: FaultTarget): string {
  return `${shard}/${validator}`
}

function targetOfName(name: string): FaultTarget | null {
  const match = /^([0-9]{1,4})\/([0-9]{1,4})$/.exec(name)
  return match === null ? null : { shard: Number(match[1]), validator: Number(match[2]) }
}

/** The committees' proposers as the status remembers them. */
export function rememberedProposers(status: FaultStatus): ReadonlyMap<number, number> {
  const targets = (status.targets ?? []).flatMap((name) => targetOfName(name) ?? [])
  return new Map(targets.map(({ shard, validator }) => [shard, validator]))
}

/** What a status says of the targets of some steps: the first of them, and how many there are. */
export function targetsOf(steps: readonly FaultStep[]): Pick<FaultStatus, 'targets' | 'count'> {
  const names = steps.map(({ target }) => targetName(target))
  return { targets: names.slice(0, TARGETS_MAX), count: names.length }
}

const TARGETS_MAX = 64
