import { durationText } from '../duration.ts'

/** What a rate must hold to count as carried. */
export interface Objective {
  readonly p50MaxMs: number | null
  readonly p99MaxMs: number | null
  /** Least part of what is offered that commits while it is offered. */
  readonly committedShareMin: number
}

/** What one stretch of load at one rate measured. */
export interface TrialFigures {
  readonly offeredPerSecond: number
  readonly committedPerSecond: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** Growth of the backlog after the warm-up, in transactions per second. */
  readonly backlogPerSecond: number
  readonly generatorReasons: readonly string[]
  readonly lost: number
}

/** The answer of a trial, and how likely it would come out the same again. */
export interface TrialJudgement {
  readonly outcome: 'met' | 'missed' | 'generatorLimited' | 'unclear'
  readonly reason: string
  readonly trust: number
}

/** Trust in an answer at the edge of an objective, and far from every edge. */
const TRUST_MIN = 0.65
const TRUST_MAX = 0.97
/** Distance from an edge, relative to it, at which nearly full trust is reached. */
const MARGIN_FULL = 0.25
/** Growth of the backlog that counts, as a part of what is offered. */
const BACKLOG_SHARE_MAX = 0.02

interface Margin {
  /** Above zero: met, by so much of the edge. */
  readonly margin: number
  readonly missed: string
}

/**
 * Judges a trial. Trust follows the narrowest margin: a p99 of 1.9 s under an objective of 2 s says little, one of 0.3 s
 * nearly everything. A generator that could not make the rate says nothing of the testnet.
 */
export function judgeTrial(objective: Objective, figures: TrialFigures): TrialJudgement {
  if (figures.generatorReasons.length > 0)
    return { outcome: 'generatorLimited', reason: figures.generatorReasons.join('; '), trust: 0.5 }
  if (figures.offeredPerSecond <= 0)
    return { outcome: 'unclear', reason: 'nothing was offered', trust: 0.5 }
  const margins = marginsOf(objective, figures)
  const narrowest = margins.reduce((least, each) => (each.margin < least.margin ? each : least))
  const trust = trustOf(narrowest.margin)
  if (narrowest.margin < 0) return { outcome: 'missed', reason: narrowest.missed, trust }
  const p99 = figures.p99Ms === null ? '' : `, p99 ${durationText(figures.p99Ms)}`
  return { outcome: 'met', reason: `carried${p99}`, trust }
}

function marginsOf(objective: Objective, figures: TrialFigures): readonly [Margin, ...Margin[]] {
  const { offeredPerSecond, committedPerSecond, backlogPerSecond, lost } = figures
  const share = committedPerSecond / offeredPerSecond
  const growth = backlogPerSecond / offeredPerSecond
  const rate = `${Math.round(backlogPerSecond).toLocaleString('en-US')}/s`
  const margins: [Margin, ...Margin[]] = [
    {
      margin: MARGIN_FULL * clamp((BACKLOG_SHARE_MAX - growth) / BACKLOG_SHARE_MAX),
      missed: `the backlog grows by ${rate}`,
    },
    {
      margin:
        MARGIN_FULL *
        clamp((share - objective.committedShareMin) / (1 - objective.committedShareMin)),
      missed: `${(100 * share).toFixed(1)} % of what is offered commits`,
    },
  ]
  if (lost > 0) margins.push({ margin: -MARGIN_FULL, missed: `${lost} transactions were lost` })
  margins.push(...latencyMargins('p50', objective.p50MaxMs, figures.p50Ms))
  margins.push(...latencyMargins('p99', objective.p99MaxMs, figures.p99Ms))
  return margins
}

function latencyMargins(name: string, maxMs: number | null, ms: number | null): readonly Margin[] {
  if (maxMs === null) return []
  if (ms === null) return [{ margin: -MARGIN_FULL, missed: 'nothing committed' }]
  return [{ margin: (maxMs - ms) / maxMs, missed: `${name} ${durationText(ms)}` }]
}

function trustOf(margin: number): number {
  const share = Math.min(1, Math.abs(margin) / MARGIN_FULL)
  return TRUST_MIN + (TRUST_MAX - TRUST_MIN) * share
}

function clamp(value: number): number {
  return Math.max(-1, Math.min(1, value))
}
