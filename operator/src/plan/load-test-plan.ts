import { z } from 'zod'
import type { LoadTestStatus } from '../api/testnet-status.ts'

/** What a load test is judged from. */
export interface LoadTestWorld {
  readonly status: LoadTestStatus
  readonly testnet: { readonly isReady: boolean; readonly generation: number } | null
  readonly job: ObservedJob | null
}

/** A Job of a load generator as it was found. */
export interface ObservedJob {
  readonly generation: number
  /** The load has started in all of its pods. */
  readonly isUnderWay: boolean
  readonly isComplete: boolean
  /** Why it failed; null while it did not. */
  readonly failure: string | null
}

/** The next step of a load test. */
export type LoadTestStep =
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'start' }
  | { readonly kind: 'watch' }
  /** The load has begun: what is timed by it begins too. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'collect' }
  /** It ended without a result: the pods say why. */
  | { readonly kind: 'ask'; readonly failure: string }
  | { readonly kind: 'end'; readonly verdict: 'Aborted' | 'Error'; readonly why: string }
  | { readonly kind: 'done' }

/** Decides it. Pure; a load test runs once, on one generation of its testnet. */
export function planLoadTest({ status, testnet, job }: LoadTestWorld): LoadTestStep {
  if (status.verdict !== undefined) return { kind: 'done' }
  const wasStarted = status.generators !== undefined
  if (job === null) {
    if (wasStarted) {
      return { kind: 'end', verdict: 'Aborted', why: 'Its load generator was removed.' }
    }
    if (testnet === null) return { kind: 'wait', why: 'There is no such testnet yet.' }
    if (!testnet.isReady) return { kind: 'wait', why: 'The testnet is not ready yet.' }
    return { kind: 'start' }
  }
  // What came out before the network changed is a result of the network that it was about.
  if (job.isComplete) return { kind: 'collect' }
  if (testnet === null) return { kind: 'end', verdict: 'Aborted', why: 'The testnet is gone.' }
  if (testnet.generation !== job.generation) {
    const why = `Generation ${testnet.generation} of the testnet replaced generation ${job.generation}, which it loaded.`
    return { kind: 'end', verdict: 'Aborted', why }
  }
  if (job.failure !== null) return { kind: 'ask', failure: job.failure }
  return { kind: job.isUnderWay && status.startTime === undefined ? 'begin' : 'watch' }
}

/** What the operator reads of a result, whatever else is in it. */
const Readable = z.looseObject({
  verdict: z.looseObject({ kind: z.string(), reasons: z.array(z.string()) }),
  committedPerSecond: z.number().nullable(),
  interrupted: z.boolean().optional(),
  generator: z.looseObject({ wasLimit: z.boolean() }).optional(),
  latency: z.looseObject({
    summary: z.looseObject({ p50Ms: z.number(), p99Ms: z.number() }).nullable(),
  }),
})

/** The figures and the verdict of a result as a status shows them; null when it is none. */
export function figuresOfResult(result: unknown): Partial<LoadTestStatus> | null {
  const parsed = Readable.safeParse(result)
  if (!parsed.success) return null
  const { verdict, committedPerSecond, latency, interrupted, generator } = parsed.data
  const kind = verdictWord(verdict.kind, interrupted === true, generator?.wasLimit === true)
  const { summary } = latency
  const words = kind === 'GeneratorLimited' ? [...verdict.reasons, MORE] : verdict.reasons
  return {
    verdict: kind,
    message: words.join('. ').slice(0, MESSAGE_CHARACTERS_MAX),
    committedPerSecond: Math.round(committedPerSecond ?? 0),
    ...(summary === null
      ? {}
      : { p50: `${Math.round(summary.p50Ms)}ms`, p99: `${Math.round(summary.p99Ms)}ms` }),
  }
}

const MESSAGE_CHARACTERS_MAX = 1_000
const MORE = 'More spec.generators share the load'

/** Aborted, failed and "the generator was the limit" are told apart, whatever words the result has for them. */
function verdictWord(kind: string, isInterrupted: boolean, wasLimit: boolean): string {
  if (kind === 'none')
    return isInterrupted ? 'Aborted' : wasLimit ? 'GeneratorLimited' : 'Undecided'
  return `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`.slice(0, 32)
}
