import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { must } from '../../core/errors.ts'
import type {
  LabelSets,
  MetricCatalogue,
  MetricDefinition,
  MetricsProfile,
} from './metric-definition.ts'

type LabelsOf<D extends MetricDefinition> = D extends { readonly labels: infer L extends LabelSets }
  ? readonly [labels: { readonly [K in keyof L]: L[K][number] }]
  : readonly []

/** Counts up. `total` sets it to a running total that is kept elsewhere; a smaller value than before is ignored. */
export interface CounterHandle<L extends readonly unknown[]> {
  inc(...labels: L): void
  add(amount: number, ...labels: L): void
  total(value: number, ...labels: L): void
}

export interface GaugeHandle<L extends readonly unknown[]> {
  set(value: number, ...labels: L): void
}

export interface HistogramHandle<L extends readonly unknown[]> {
  observe(value: number, ...labels: L): void
}

type HandleOf<D extends MetricDefinition> = D['kind'] extends 'counter'
  ? CounterHandle<LabelsOf<D>>
  : D['kind'] extends 'gauge'
    ? GaugeHandle<LabelsOf<D>>
    : HistogramHandle<LabelsOf<D>>

/** One handle per metric of the catalogue, under the same name: a misspelt metric, label or value does not compile. */
export type MetricHandles<C extends MetricCatalogue> = { readonly [K in keyof C]: HandleOf<C[K]> }

/** Live metrics: handles to write to, and the text that a scrape gets. */
export interface Metrics<C extends MetricCatalogue> {
  readonly handles: MetricHandles<C>
  /** Runs before every scrape: for values that are read instead of counted. */
  readonly onScrape: (collect: () => void) => void
  /** Text exposition format 0.0.4. */
  readonly render: () => Promise<string>
}

type Labels = Readonly<Record<string, string>>

/** Constant labels of every series, for instance the shard. */
export interface MetricsOptions {
  readonly constantLabels?: Labels
  /** `lean` exports only what the catalogue marks so; the other handles take writes and keep nothing. */
  readonly profile?: MetricsProfile
}

/** Builds a registry of its own (never the global one) with every series of the profile present at zero. */
export function createMetrics<C extends MetricCatalogue>(
  catalogue: C,
  options: MetricsOptions = {},
): Metrics<C> {
  const registry = new Registry()
  registry.setDefaultLabels({ ...options.constantLabels })
  const collectors: (() => void)[] = []
  const handles = Object.fromEntries(
    Object.entries(catalogue).map(([key, definition]) => [
      key,
      options.profile === 'lean' && definition.isLean !== true
        ? silentHandle
        : handleOf(definition, registry),
    ]),
  )
  return {
    // Every key got the handle of its own definition above; the compiler cannot follow that through entries.
    handles: handles as unknown as MetricHandles<C>,
    onScrape: (collect) => void collectors.push(collect),
    render() {
      for (const collect of collectors) collect()
      return registry.metrics()
    },
  }
}

/** For what the profile leaves out. */
const silentHandle = {
  inc: () => undefined,
  add: () => undefined,
  total: () => undefined,
  set: () => undefined,
  observe: () => undefined,
}

type AnyHandle = CounterHandle<[Labels?]> | GaugeHandle<[Labels?]> | HistogramHandle<[Labels?]>

function handleOf(definition: MetricDefinition, registry: Registry): AnyHandle {
  const labels = definition.labels ?? {}
  const parts = {
    name: definition.name,
    help: definition.help,
    labelNames: Object.keys(labels),
    registers: [registry],
  }
  switch (definition.kind) {
    case 'counter':
      return counterHandle(new Counter(parts), labels)
    case 'gauge': {
      const gauge = new Gauge(parts)
      const children = childrenOf(labels, (values) => gauge.labels(...values))
      for (const child of children.values()) child.set(0)
      return { set: (value: number, at?: Labels) => childAt(children, labels, at).set(value) }
    }
    case 'histogram': {
      const histogram = new Histogram({ ...parts, buckets: [...definition.buckets] })
      const children = childrenOf(labels, (values) => {
        histogram.zero(
          Object.fromEntries(Object.keys(labels).map((name, i) => [name, values[i] ?? ''])),
        )
        return histogram.labels(...values)
      })
      return {
        observe: (value: number, at?: Labels) => childAt(children, labels, at).observe(value),
      }
    }
  }
}

function counterHandle(counter: Counter, labels: LabelSets): CounterHandle<[Labels?]> {
  const children = childrenOf(labels, (values) => ({ child: counter.labels(...values), sum: 0 }))
  for (const { child } of children.values()) child.inc(0)
  const add = (amount: number, at?: Labels): void => {
    const series = childAt(children, labels, at)
    series.sum += amount
    series.child.inc(amount)
  }
  return {
    inc: (at) => add(1, at),
    add,
    total: (value, at) => {
      const { sum } = childAt(children, labels, at)
      if (value > sum) add(value - sum, at)
    },
  }
}

const SEPARATOR = '\u0000'

/** One child per combination of label values, made in advance. */
function childrenOf<T>(labels: LabelSets, make: (values: string[]) => T): Map<string, T> {
  let combinations: string[][] = [[]]
  for (const values of Object.values(labels)) {
    combinations = combinations.flatMap((head) => values.map((value) => [...head, value]))
  }
  return new Map(combinations.map((values) => [values.join(SEPARATOR), make(values)]))
}

function childAt<T>(children: ReadonlyMap<string, T>, labels: LabelSets, at: Labels = {}): T {
  // Most metrics have no label or one, and some are counted thousands of times a second.
  let key: string | undefined
  for (const name in labels) key = key === undefined ? at[name] : key + SEPARATOR + at[name]
  const child = children.get(key ?? '')
  return child ?? must(child, `no series for labels ${JSON.stringify(at)}`)
}
