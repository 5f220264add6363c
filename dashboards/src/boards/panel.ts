import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common'
import {
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

/** One line of a panel. */
export interface Query {
  readonly expression: string
  /** Grafana's template over labels: `shard {{shard}}`. */
  readonly legend: string
}

/** What every panel says. The description is for somebody who sees it for the first time. */
export interface PanelText {
  readonly title: string
  readonly description: string
  readonly unit: string
}

/** Lines that divide good from bad, ascending: [value, colour]. */
export type Steps = readonly (readonly [from: number, colour: string])[]

export const dataSource = { type: 'prometheus', uid: '${datasource}' } as const

const STAT_HEIGHT = 4
const PLOT_HEIGHT = 8
const WIDTH = 24

/** Lines over time, half a screen wide. */
export function plot(text: PanelText, ...queries: readonly Query[]): Builder<Panel> {
  const legend = new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
  const builder = new TimeseriesBuilder()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .datasource(dataSource)
    .height(PLOT_HEIGHT)
    .span(WIDTH / 2)
    .fillOpacity(8)
    .lineWidth(1)
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
  for (const target of targetsOf(queries)) builder.withTarget(target)
  return builder
}

/** The newest value, large; a sixth of a screen wide. */
export function stat(text: PanelText, query: Query, steps: Steps = []): Builder<Panel> {
  const builder = new StatBuilder()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .datasource(dataSource)
    .height(STAT_HEIGHT)
    .span(WIDTH / 6)
    .graphMode(BigValueGraphMode.Area)
    .colorMode(steps.length > 0 ? BigValueColorMode.Value : BigValueColorMode.None)
    .orientation(VizOrientation.Auto)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
  if (steps.length > 0)
    builder.thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps(
          steps.map(([value, color], index) => ({ value: index === 0 ? null : value, color })),
        ),
    )
  for (const target of targetsOf([query])) builder.withTarget(target)
  return builder
}

/** One row per series, with the labels as columns. */
export function table(text: PanelText, query: Query): Builder<Panel> {
  const target = new DataqueryBuilder()
    .expr(query.expression)
    .legendFormat(query.legend)
    .format(PromQueryFormat.Table)
    .instant()
    .refId('A')
  return new TableBuilder()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .datasource(dataSource)
    .height(PLOT_HEIGHT)
    .span(WIDTH / 2)
    .withTransformation({
      id: 'organize',
      options: { excludeByName: { Time: true, __name__: true }, renameByName: {} },
    })
    .withTarget(target)
}

function targetsOf(queries: readonly Query[]): readonly Builder<Dataquery>[] {
  return queries.map(({ expression, legend }, index) =>
    new DataqueryBuilder().expr(expression).legendFormat(legend).range().refId(letterAt(index)),
  )
}

const letterAt = (index: number): string => String.fromCodePoint(65 + index)
