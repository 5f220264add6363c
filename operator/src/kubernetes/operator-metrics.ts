import { createMetrics, type MetricHandles } from '@shardnet/node/metric-registry'
import type { Verb } from './api-client.ts'
import { COUNTED_CODES, operatorCatalogue, type OperatorCatalogue } from './catalogue.ts'
import type { KindInformers } from './kind-informers.ts'

type Code = (typeof COUNTED_CODES)[number] | 'other' | 'none'
type Kind = OperatorCatalogue['watchAge']['labels']['kind'][number]

const MICROSECONDS = 1e6
const MILLISECONDS = 1e3

/** The operator's metrics, live. */
export class OperatorMetrics {
  readonly handles: MetricHandles<OperatorCatalogue>
  readonly render: () => Promise<string>
  readonly #watched = new Set<KindInformers>()

  constructor() {
    const { handles, onScrape, render } = createMetrics(operatorCatalogue)
    this.handles = handles
    this.render = render
    onScrape(() => {
      this.handles.residentBytes.set(process.memoryUsage.rss())
      const { user, system } = process.cpuUsage()
      this.handles.cpuSeconds.total((user + system) / MICROSECONDS)
      this.#tellAges()
    })
  }

  /** Counts one request to an API server. */
  countCall(verb: Verb, status: number): void {
    this.handles.apiCalls.inc({ verb, code: codeOf(status) })
  }

  /** Tells the age of these watches from now on. */
  watch(informers: KindInformers): void {
    this.#watched.add(informers)
  }

  forget(informers: KindInformers): void {
    this.#watched.delete(informers)
  }

  /** Since anything was heard, by the most silent watch. */
  get oldestWatchMs(): number {
    return Math.max(0, ...[...this.#watched].map(({ ageMs }) => ageMs))
  }

  #tellAges(): void {
    const ages = new Map<Kind, number>()
    for (const informers of this.#watched) {
      if (!isWatchedKind(informers.kind)) continue
      ages.set(informers.kind, Math.max(ages.get(informers.kind) ?? 0, informers.ageMs))
    }
    for (const [kind, ageMs] of ages) this.handles.watchAge.set(ageMs / MILLISECONDS, { kind })
  }
}

/** Whether a kind has series of its own. */
export function isWatchedKind(kind: string): kind is Kind {
  return operatorCatalogue.watchAge.labels.kind.some((each) => each === kind)
}

function codeOf(status: number): Code {
  if (status === 0) return 'none'
  return COUNTED_CODES.find((code) => code === String(status)) ?? 'other'
}
