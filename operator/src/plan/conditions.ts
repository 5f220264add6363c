import type { Condition } from '../api/condition.ts'

/** What is to be said, before it is known whether it is news. */
export interface Statement {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

const MESSAGE_CHARACTERS_MAX = 1_024

/**
 * The conditions after some statements about a generation. The time of a condition changes with its status alone;
 * conditions that nobody spoke of stay.
 */
export function mergeConditions(
  before: readonly Condition[],
  statements: readonly Statement[],
  generation: number,
  nowMs: number,
): readonly Condition[] {
  const now = momentText(nowMs)
  const spoken = new Set(statements.map(({ type }) => type))
  const kept = before.filter(({ type }) => !spoken.has(type))
  const made = statements.map(({ type, status, reason, message }): Condition => {
    const old = before.find((each) => each.type === type)
    return {
      type,
      status,
      observedGeneration: generation,
      lastTransitionTime: old?.status === status ? old.lastTransitionTime : now,
      reason,
      message: shortened(message),
    }
  })
  return [...kept, ...made]
}

/** Statements whose status or reason differs from the condition before: each is worth one event. */
export function newsAmong(
  before: readonly Condition[],
  statements: readonly Statement[],
): readonly Statement[] {
  return statements.filter(({ type, status, reason }) => {
    const old = before.find((each) => each.type === type)
    return old?.status !== status || old.reason !== reason
  })
}

/** A moment as the API server writes it: whole seconds. */
export function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

function shortened(text: string): string {
  return text.length <= MESSAGE_CHARACTERS_MAX
    ? text
    : `${text.slice(0, MESSAGE_CHARACTERS_MAX - 1)}…`
}
