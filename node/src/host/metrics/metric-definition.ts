/** Closed set of values per label, so that the number of series is known before the first event. */
export type LabelSets = Readonly<Record<string, readonly string[]>>

interface Common {
  readonly name: string
  readonly help: string
  readonly labels?: LabelSets
  /** Also exported under the lean profile, which large networks use: 40 series per validator at most. */
  readonly isLean?: true
}

/** One metric as data. Names end in their unit, or in `total` for counters. */
export type MetricDefinition =
  | (Common & { readonly kind: 'counter' | 'gauge' })
  | (Common & {
      readonly kind: 'histogram'
      /** Upper bounds in the metric's unit, ascending; at most 12. */
      readonly buckets: readonly number[]
    })

/** How much a validator exports: everything, or what a network of thousands can afford. */
export type MetricsProfile = 'full' | 'lean'

/** Metrics by the name that code uses for them. */
export type MetricCatalogue = Readonly<Record<string, MetricDefinition>>
