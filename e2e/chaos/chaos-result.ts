import { FAULT_CLASSES, type FaultClass, missingOf, type Requirements } from './schedule.ts'

/** One step that was played. */
export interface PlayedStep {
  readonly atMs: number
  readonly shard: number
  readonly fault: FaultClass
  readonly victims: readonly string[]
  readonly hasFired: boolean
  readonly seen: string
  readonly nextBlockMs?: number
  readonly inSyncMs?: number
  readonly firstCommitMs?: number
}

/** Smallest, middle and largest of some recovery times, in milliseconds. */
export interface Spread {
  readonly count: number
  readonly minMs: number
  readonly medianMs: number
  readonly maxMs: number
}

/** What the safety check and the client's own checks looked at. */
export interface CheckedFigures {
  readonly sent: number
  readonly acknowledged: number
  readonly committed: number
  readonly foundInFiles: number
  readonly blocks: number
  readonly validatorsRead: number
  readonly cellOperations: number
  readonly cellsJudged: number
}

/** The whole of a run, for people and programs. */
export interface ChaosResult {
  readonly format: 1
  readonly seed: number
  readonly lengthMs: number
  readonly ranForMs: number
  readonly isShort: boolean
  readonly commit: string
  readonly fired: Readonly<Record<FaultClass, number>>
  readonly steps: readonly PlayedStep[]
  readonly recovery: {
    readonly killedProposerToNextBlock: Spread | null
    readonly restartedToInSync: Spread | null
    readonly allKilledToFirstCommit: Spread | null
  }
  readonly checked: CheckedFigures | null
  readonly violations: readonly string[]
  /** Why it does not count as a run; empty when it does. */
  readonly missing: readonly string[]
  /** Kept where there was a violation. */
  readonly folder: string | null
}

/** What a run was, before it is judged. */
export type RunFacts = Omit<
  ChaosResult,
  'format' | 'recovery' | 'missing' | 'isShort' | 'fired'
> & {
  readonly requirements: Requirements & { readonly isShort: boolean }
  readonly fired: Readonly<Record<FaultClass, number>>
}

/** Judges a run. Pure. */
export function judge({ requirements, ...facts }: RunFacts): ChaosResult {
  const killed = facts.steps.filter(({ fault }) => fault === 'kill' || fault === 'killProposer')
  return {
    format: 1,
    ...facts,
    isShort: requirements.isShort,
    recovery: {
      killedProposerToNextBlock: spreadOf(
        facts.steps.flatMap(({ nextBlockMs }) => nextBlockMs ?? []),
      ),
      restartedToInSync: spreadOf(killed.flatMap(({ inSyncMs }) => inSyncMs ?? [])),
      allKilledToFirstCommit: spreadOf(
        facts.steps.flatMap(({ firstCommitMs }) => firstCommitMs ?? []),
      ),
    },
    missing: missingOf(facts.fired, facts.checked?.acknowledged ?? 0, requirements),
  }
}

function spreadOf(times: readonly number[]): Spread | null {
  const sorted = times.map((time) => Math.round(time)).toSorted((a, b) => a - b)
  const [minMs] = sorted
  const medianMs = sorted[Math.floor(sorted.length / 2)]
  const maxMs = sorted.at(-1)
  if (minMs === undefined || medianMs === undefined || maxMs === undefined) return null
  return { count: sorted.length, minMs, medianMs, maxMs }
}

/** 0 clean, 1 a violation, 3 it does not count. */
export function exitCodeOf({ violations, missing }: ChaosResult): 0 | 1 | 3 {
  if (violations.length > 0) return 1
  return missing.length > 0 ? 3 : 0
}

const VIOLATIONS_SHOWN = 20

/** The result as a person reads it. */
export function resultText(result: ChaosResult): string {
  const { seed, fired, recovery, checked, violations, missing, ranForMs, folder } = result
  const faults = FAULT_CLASSES.map((fault) => `${fault} ${fired[fault]}`).join(', ')
  const lines = [
    `Ran ${(ranForMs / 1_000).toFixed(1)} s with seed ${seed}.`,
    `Faults that happened: ${faults}.`,
    checked === null
      ? 'Nothing was checked.'
      : `Transactions: ${checked.sent} sent, ${checked.acknowledged} acknowledged, ${checked.committed} seen committed, ${checked.foundInFiles} found in the files of ${checked.validatorsRead} validators (${checked.blocks} blocks). Cells: ${checked.cellOperations} operations on ${checked.cellsJudged} cells judged.`,
    `Killed proposer to next block: ${spreadText(recovery.killedProposerToNextBlock)}`,
    `Killed validator to in sync: ${spreadText(recovery.restartedToInSync)}`,
    `All killed to first commit of every shard: ${spreadText(recovery.allKilledToFirstCommit)}`,
    ...verdictLines(violations, missing, result),
  ]
  if (folder !== null) lines.push(`Everything is kept in ${folder}`)
  return lines.join('\n')
}

function verdictLines(
  violations: readonly string[],
  missing: readonly string[],
  { seed, isShort }: ChaosResult,
): readonly string[] {
  if (violations.length > 0) {
    const shown = violations.slice(0, VIOLATIONS_SHOWN)
    const more = violations.length - shown.length
    return [
      `VIOLATION: ${violations.length} promises were broken (again: npm run chaos -- --seed ${seed})`,
      ...shown.map((line) => `  ${line}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ]
  }
  if (missing.length > 0)
    return ['DOES NOT COUNT: clean, but', ...missing.map((line) => `  ${line}`)]
  return [isShort ? 'CLEAN (short form)' : 'CLEAN']
}

function spreadText(spread: Spread | null): string {
  if (spread === null) return 'not measured'
  const { count, minMs, medianMs, maxMs } = spread
  return `${minMs} / ${medianMs} / ${maxMs} ms (least, median, most of ${count})`
}
