/** Closed set of values per label, so that the number of series is known before the first event. */
export type LabelSets = Readonly<Record<string, readonly string[]>>

/** One metric as data. Names end in their unit, or in `total` for counters. */
export type MetricDefinition =
  | {
      readonly kind: 'counter' | 'gauge'
      readonly name: string
      readonly help: string
      readonly labels?: LabelSets
    }
  | {
      readonly kind: 'histogram'
      readonly name: string
      readonly help: string
      readonly labels?: LabelSets
      /** Upper bounds in the metric's unit, ascending; at most 12. */
      readonly buckets: readonly number[]
    }

/** Metrics by the name that code uses for them. */
export type MetricCatalogue = Readonly<Record<string, MetricDefinition>>
