import type { LinkRuleOrder } from '@shardnet/node/client'
import type { Problem } from '@shardnet/node/config'
import type { FaultPlan } from '../api/fault.ts'
import { durationMs, quantityBytes } from '../api/field.ts'
import { faultyMax } from './placement.ts'

/** One shard's committee at the moment of a fault. */
export interface ObservedCommittee {
  readonly shard: number
  /** Validators of the committee, running or not. */
  readonly size: number
  /** Who may propose in the view of the moment; null when nobody could tell. */
  readonly proposer: number | null
}

/** One validator that a fault hits. */
export interface FaultTarget {
  readonly shard: number
  readonly validator: number
}

/** A link rule without its length: that is what is left of the fault when it is put. */
export type LinkRuleShape = Omit<LinkRuleOrder, 'forMs'>

/** What is done to one validator, and undone when the fault is over. */
export type FaultStep =
  | { readonly kind: 'kill'; readonly target: FaultTarget }
  | { readonly kind: 'pause'; readonly target: FaultTarget }
  | {
      readonly kind: 'shape'
      readonly target: FaultTarget
      readonly rules: readonly LinkRuleShape[]
    }

/** The steps of one fault, and what a person should know before it is done. */
export interface FaultSteps {
  readonly steps: readonly FaultStep[]
  /** Shards that cannot commit while the fault lasts. */
  readonly warnings: readonly string[]
}

/** Where in time a fault lies, in milliseconds after it was asked for. A kill without a length is over at once. */
export function windowOf(fault: FaultPlan): { readonly atMs: number; readonly forMs: number } {
  return {
    atMs: fault.at === undefined ? 0 : durationMs(fault.at),
    forMs: fault.for === undefined ? 0 : durationMs(fault.for),
  }
}

/** What of a selector cannot be in this testnet: all of it at once. */
export function problemsOfSelector(
  { selector }: Pick<FaultPlan, 'selector'>,
  committees: readonly ObservedCommittee[],
): readonly Problem[] {
  const shards = committees.length
  const size = Math.max(0, ...committees.map((committee) => committee.size))
  const beyond = (field: 'shards' | 'validators', count: number, noun: string) =>
    (selector[field] ?? []).flatMap((each, index) => {
      if (each < count) return []
      const expected = `below ${count} (${noun} of the testnet)`
      return [{ path: `selector.${field}[${index}]`, expected, got: String(each) }]
    })
  return [
    ...beyond('shards', shards, 'shards'),
    ...beyond('validators', size, 'validators of each shard'),
  ]
}

/**
 * Decides whom a fault hits and what is done to each. Pure: the same fault on the same committees is the same steps.
 * Steps on links are told to the hit validators alone, which shape both directions: nobody else has to take part.
 */
export function planFault(
  id: string,
  fault: FaultPlan,
  committees: readonly ObservedCommittee[],
): FaultSteps {
  const targets = committees.flatMap((committee) => targetsIn(fault, committee))
  const steps = targets.map((target): FaultStep => {
    if (fault.action === 'kill' || fault.action === 'pause') return { kind: fault.action, target }
    return { kind: 'shape', target, rules: rulesOf(id, fault, { target, targets, committees }) }
  })
  return { steps, warnings: warningsOf(fault, targets, committees) }
}

function targetsIn(
  { selector }: FaultPlan,
  { shard, size, proposer }: ObservedCommittee,
): readonly FaultTarget[] {
  if (selector.shards !== undefined && !selector.shards.includes(shard)) return []
  const chosen = Array.from({ length: size }, (_, validator) => validator).filter(
    (validator) => selector.validators?.includes(validator) ?? true,
  )
  return withRole(selector.role, chosen, { size, proposer }).map((validator) => ({
    shard,
    validator,
  }))
}

function withRole(
  role: FaultPlan['selector']['role'],
  chosen: readonly number[],
  { size, proposer }: Pick<ObservedCommittee, 'size' | 'proposer'>,
): readonly number[] {
  switch (role) {
    case 'Proposer':
      return chosen.filter((validator) => validator === proposer)
    case 'FaultyMinority':
      return chosen.slice(0, faultyMax(size))
    case undefined:
      return chosen
  }
}

interface Hit {
  readonly target: FaultTarget
  readonly targets: readonly FaultTarget[]
  readonly committees: readonly ObservedCommittee[]
}

/**
 * A partition cuts the hit validators off together: they still reach each other. Other faults are on every link of a hit
 * validator, and once on a link between two of them: the receiving end leaves it to the sending one.
 */
function rulesOf(id: string, fault: FaultPlan, hit: Hit): readonly LinkRuleShape[] {
  const others = peersOf(hit).filter((peer) => !isAmong(peer, hit.targets))
  const outbound = fault.direction !== 'Inbound'
  const inbound = fault.direction !== 'Outbound'
  const effect = effectOf(fault)
  const out = fault.action === 'partition' ? others : peersOf(hit)
  const rule = (direction: 'outbound' | 'inbound', peers: readonly FaultTarget[]) =>
    peers.length === 0
      ? []
      : [{ id: `${id}-${direction}`, direction, peers: [...peers], ...effect }]
  return [
    ...(outbound ? rule('outbound', out) : []),
    ...(inbound ? rule('inbound', outbound ? others : out) : []),
  ]
}

function effectOf(fault: FaultPlan): Partial<LinkRuleShape> {
  switch (fault.action) {
    case 'partition':
      return { isPartitioned: true }
    case 'delay':
      return {
        latencyMs: durationMs(fault.latency ?? ''),
        jitterMs: durationMs(fault.jitter ?? ''),
      }
    case 'loss':
      return { loss: Number.parseFloat(fault.share ?? '0') / 100 }
    case 'bandwidth':
      return { bytesPerSecond: quantityBytes(fault.bytesPerSecond ?? '1') }
    case 'kill':
    case 'pause':
      return {}
  }
}

function peersOf({ target, committees }: Hit): readonly FaultTarget[] {
  return committees
    .flatMap(({ shard, size }) =>
      Array.from({ length: size }, (_, validator) => ({ shard, validator })),
    )
    .filter((peer) => !isAmong(peer, [target]))
}

function isAmong(peer: FaultTarget, targets: readonly FaultTarget[]): boolean {
  return targets.some(
    ({ shard, validator }) => shard === peer.shard && validator === peer.validator,
  )
}

/** Faults that leave no quorum in a shard stop it: allowed, and said. A partition may leave the quorum on its far side. */
function warningsOf(
  { action }: FaultPlan,
  targets: readonly FaultTarget[],
  committees: readonly ObservedCommittee[],
): readonly string[] {
  if (action !== 'kill' && action !== 'pause' && action !== 'partition') return []
  return committees.flatMap(({ shard, size }) => {
    const hit = targets.filter((target) => target.shard === shard).length
    const quorum = size - faultyMax(size)
    const together = action === 'partition' ? Math.max(hit, size - hit) : size - hit
    if (together >= quorum) return []
    return [
      `${hit} of ${size} validators of shard ${shard} are hit, which leaves no quorum of ${quorum}: it commits nothing meanwhile`,
    ]
  })
}
