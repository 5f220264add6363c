import type { RunRequest } from '../assemble.ts'
import type { Measurement } from '../measure.ts'
import type { LoadResult } from '../result.ts'
import { resultOfParts } from '../share/part-report.ts'

/** A run of several generators that ended before there was a result of all of them. */
export class RunAborted extends Error {
  override readonly name = 'RunAborted'
}

/** How the generators of one load wait for each other, and put their parts together. */
export interface Gathering {
  /** Resolves when all have been started. */
  present(): Promise<void>
  /** Resolves at the start that all have in common, once all are ready. */
  start(): Promise<void>
  /** The result of all parts for the first generator, null for the others, whose parts are in it. */
  finish(request: RunRequest, measured: Measurement): Promise<LoadResult | null>
}

/** Between the word that all are ready and the start: more than the word takes to anybody. */
export const START_AHEAD_MS = 1_000
/** Longest wait for all to be started: images are pulled meanwhile. */
export const PRESENT_MS_MAX = 300_000
/** Longest wait for all to be ready after that: they sign meanwhile. */
export const READY_MS_MAX = 180_000
/** Longest wait for the parts of the others after one's own end. */
export const REPORT_MS_MAX = 60_000
/** The same of one that was told to stop: with waiting for the fates before it, less than the half minute that a pod has. */
export const REPORT_STOPPED_MS_MAX = 5_000

/** Of one generator that has nobody to wait for. */
export const alone: Gathering = {
  present: () => Promise.resolve(),
  start: () => Promise.resolve(),
  finish: (request, measured) => Promise.resolve(resultOfParts(request, measured, [])),
}
