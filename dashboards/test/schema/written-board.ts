import type {
  Dashboard,
  FieldConfig,
  Panel,
  RowPanel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus'
import type { Options as StatOptions } from '@grafana/grafana-foundation-sdk/stat'
import type {
  FieldConfig as TableFields,
  Options as TableOptions,
} from '@grafana/grafana-foundation-sdk/table'
import type {
  FieldConfig as TimeseriesFields,
  Options as TimeseriesOptions,
} from '@grafana/grafana-foundation-sdk/timeseries'

/**
 * A dashboard as it stands in a file, by the types that Grafana makes from its schema: those of the dashboard, of the three
 * kinds of panel that we use with their options, and of a query of Prometheus.
 */
export type WrittenBoard = Written<
  Omit<Dashboard, 'panels'> & {
    panels: (
      | RowPanel
      | PanelOf<'timeseries', TimeseriesOptions, TimeseriesFields>
      | PanelOf<'stat', StatOptions, never>
      | PanelOf<'table', TableOptions, TableFields>
    )[]
  }
>

type PanelOf<Type extends string, Options, Fields> = Omit<
  Panel,
  'type' | 'options' | 'fieldConfig' | 'targets'
> & {
  type: Type
  // What is left out of options and fields has Grafana's default.
  options: Partial<Options>
  fieldConfig: {
    defaults: Omit<FieldConfig, 'custom'> & { custom?: Partial<Fields> }
    overrides: []
  }
  targets: Omit<Dataquery, '_implementsDataqueryVariant'>[]
}

/** JSON has the value of an enum's member, never its name. */
type Written<T> = 0 extends 1 & T
  ? T
  : T extends string
    ? `${T}`
    : T extends number | boolean | null | undefined
      ? T
      : T extends readonly (infer Item)[]
        ? Written<Item>[]
        : { [Key in keyof T]: Written<T[Key]> }
