import { factsOf } from '../src/run/facts.ts'
import { BENCH_FORMAT, type BenchResult, missedLimits, summarise } from './bench-result.ts'
import { benchDocument } from './bench-testnet.ts'
import { type BenchName, benches, withNeeds } from './benches.ts'
import type { Figures } from './figures.ts'

/** What to measure. */
export interface BenchRequest {
  /** Empty for everything. */
  readonly names: readonly BenchName[]
  readonly repeat: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Runs the benches, turn after turn, so that what disturbs the machine for a while disturbs no bench in all turns. */
export async function runBenches(request: BenchRequest): Promise<BenchResult> {
  const { repeat, signal, say } = request
  const startedAt = new Date().toISOString()
  const names = withNeeds(request.names)
  const facts = new Map(
    factsOf(benchDocument().spec.protocol).map(({ name, value }) => [name, value]),
  )
  const problems: string[] = []
  const turns: Figures[] = []
  for (let turn = 1; turn <= repeat; turn++) {
    const figures: { -readonly [Name in keyof Figures]: Figures[Name] } = {}
    for (const name of names) {
      signal.throwIfAborted()
      say(`${name}: measuring ${benches[name].text}${repeat > 1 ? ` (${turn} of ${repeat})` : ''}`)
      const measured = await benches[name].measure({
        signal,
        say,
        note: (fact, value) => facts.set(fact, value),
        object: (problem) => problems.push(`${name}: ${problem}`),
        checksPerSecond: figures.kernelChecksPerSecondPerCore ?? 0,
        committedPerSecond: figures.signedCommittedPerSecond ?? 0,
      })
      Object.assign(figures, measured)
    }
    turns.push(figures)
  }
  const summary = summarise(turns)
  return {
    format: BENCH_FORMAT,
    startedAt,
    repeat,
    benches: [...names],
    facts: [...facts].map(([name, value]) => ({ name, value })),
    figures: summary,
    missed: missedLimits(summary),
    problems,
  }
}
