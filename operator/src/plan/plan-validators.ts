import { type ShardPlan, type ValidatorPlan, validatorsOf } from './shard-plan.ts'

/** One validator process as the local backend found it. */
export interface ObservedValidator {
  readonly validator: number
  readonly isRunning: boolean
  /** Its folder has its birth record: without one it would never vote. */
  readonly isBorn: boolean
  /** After a death it stays down until then, on the caller's clock. */
  readonly notBeforeMs: number
}

/** What to do to one validator. */
export type ValidatorAction =
  | { readonly kind: 'initialiseValidator'; readonly validator: ValidatorPlan }
  | { readonly kind: 'startValidator'; readonly validator: ValidatorPlan }

/** Next steps for one set, and when to look again (infinity: when something happens). */
export interface ValidatorsPlan {
  readonly actions: readonly ValidatorAction[]
  readonly wakeAtMs: number
}

/**
 * Decides which validators of a set to initialise or start: what a StatefulSet's controller does in a cluster.
 * A validator that was born is never initialised again: a second birth would forget its votes.
 */
export function planValidators(
  shard: ShardPlan,
  observed: readonly ObservedValidator[],
  nowMs: number,
): ValidatorsPlan {
  const found = new Map(observed.map((each) => [each.validator, each]))
  const actions: ValidatorAction[] = []
  let wakeAtMs = Number.POSITIVE_INFINITY
  for (const validator of validatorsOf(shard)) {
    const here = found.get(validator.validator)
    if (here?.isRunning === true) continue
    if (here !== undefined && here.notBeforeMs > nowMs) {
      wakeAtMs = Math.min(wakeAtMs, here.notBeforeMs)
      continue
    }
    if (here?.isBorn !== true) actions.push({ kind: 'initialiseValidator', validator })
    actions.push({ kind: 'startValidator', validator })
  }
  return { actions, wakeAtMs }
}
