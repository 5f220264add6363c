import type { Verdict } from '../result/verdict-shape.ts'

/** A verdict for people. */
export const VERDICT_WORDS: Readonly<Record<Verdict['kind'], string>> = {
  passed: 'Passed',
  failed: 'Failed',
  notSteady: 'Not steady',
  generatorLimited: 'Generator limited',
  clockJumped: 'Clock jumped',
  aborted: 'Aborted',
  undecided: 'Undecided',
}

/** The class of its colour. */
export function verdictClass(kind: Verdict['kind']): 'met' | 'missed' | 'unknown' {
  if (kind === 'passed') return 'met'
  return kind === 'failed' ? 'missed' : 'unknown'
}
