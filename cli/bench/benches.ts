import { measureAnalysis } from './analysis-bench.ts'
import type { BenchContext } from './context.ts'
import type { Figures } from './figures.ts'
import { measureHalfLoad } from './half-load-bench.ts'
import { measureGenerator } from './generator-bench.ts'
import { measureMonitoring } from './monitoring-bench.ts'
import { measureExecution, measureLog, measureNetwork, measureSignatures } from './part-benches.ts'
import { measureSaturation } from './saturation-bench.ts'

/** One bench. Those that it rests on run before it in the same turn, asked for or not. */
export interface Bench {
  readonly text: string
  readonly needs: readonly BenchName[]
  /** What it needs is not everywhere: it runs when it is named. */
  readonly isOnlyByName?: true
  readonly measure: (context: BenchContext) => Promise<Figures>
}

/** Name of a bench on the command line. */
export type BenchName =
  | 'signatures'
  | 'execution'
  | 'log'
  | 'network'
  | 'generator'
  | 'analysis'
  | 'saturation'
  | 'latency'
  | 'memory'
  | 'monitoring'

/** All benches, in the order in which they run. */
export const benches: Readonly<Record<BenchName, Bench>> = {
  signatures: { text: 'the signature kernel', needs: [], measure: measureSignatures },
  execution: { text: 'the ledger', needs: [], measure: measureExecution },
  log: { text: 'the write-ahead log', needs: [], measure: measureLog },
  network: { text: 'the network between validators', needs: [], measure: measureNetwork },
  generator: {
    text: 'the load generator against a sink',
    needs: [],
    measure: measureGenerator,
  },
  analysis: { text: 'the analysis of a run', needs: [], measure: measureAnalysis },
  saturation: {
    text: 'a shard at its limit',
    needs: ['signatures'],
    measure: measureSaturation,
  },
  latency: {
    text: 'a shard at half of its limit',
    needs: ['saturation'],
    measure: measureHalfLoad,
  },
  memory: {
    text: 'memory there; measured together with latency',
    needs: ['latency'],
    measure: () => Promise.resolve({}),
  },
  monitoring: {
    text: 'dashboards, rules, scrapes; only by name, needs Prometheus or Go to build it',
    needs: [],
    isOnlyByName: true,
    measure: measureMonitoring,
  },
}

/** Names in the order in which they run. */
// The keys of a constant object are what its type says.
export const benchNames = Object.keys(benches) as readonly BenchName[]

const usualNames = benchNames.filter((name) => benches[name].isOnlyByName !== true)

/** The chosen benches, the usual ones when none is named, with those that they rest on. */
export function withNeeds(chosen: readonly BenchName[]): readonly BenchName[] {
  const wanted = new Set<BenchName>()
  const want = (name: BenchName): void => {
    benches[name].needs.forEach(want)
    wanted.add(name)
  }
  for (const name of chosen.length === 0 ? usualNames : chosen) want(name)
  return benchNames.filter((name) => wanted.has(name))
}
