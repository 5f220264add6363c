import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type AnnotationQuery,
  type Dashboard,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { validator } from '../catalogues.ts'
import { laidOut } from './layout.ts'
import { dataSource } from './panel.ts'
import { raw } from './select.ts'

/** A group of panels under one heading that says which question they answer. */
export interface BoardRow {
  readonly title: string
  readonly panels: readonly Builder<Panel>[]
}

/** One dashboard. `uid` never changes: links and bookmarks hold it. */
export interface Board {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly rows: readonly BoardRow[]
}

const TAG = 'shardnet'
const REFRESH = '10s'

/** The board as Grafana reads it: with the variables, links and annotations that all boards share. */
export function dashboardOf({ uid, title, description, rows }: Board): Dashboard {
  const builder = new DashboardBuilder(`shardnet / ${title}`)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .readonly()
    .timezone('utc')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-30m', to: 'now' })
    .refresh(REFRESH)
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    )
  for (const variable of variables) builder.withVariable(variable())
  builder.link(
    new DashboardLinkBuilder('Other boards')
      .type(DashboardLinkType.Dashboards)
      .tags([TAG])
      .asDropdown(true)
      .includeVars(true)
      .keepTime(true),
  )
  for (const annotation of annotations()) builder.annotation(annotation)
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title))
    for (const panel of row.panels) builder.withPanel(panel)
  }
  const dashboard = builder.build()
  return { ...dashboard, panels: laidOut(dashboard.panels ?? []) }
}

const VALIDATORS = validator.height.name

/** From the widest to the narrowest; each offers what the ones before it leave. */
const variables = [
  variable('cluster', 'Cluster', `label_values(${VALIDATORS}, cluster)`),
  variable('testnet', 'Testnet', `label_values(${VALIDATORS}{cluster=~"$cluster"}, testnet)`),
  variable('job', 'Job', 'label_values(up{job=~"shardnet-.+", testnet=~"$testnet"}, job)'),
  variable('shard', 'Shard', `label_values(${VALIDATORS}{testnet=~"$testnet"}, shard)`),
  variable(
    'instance',
    'Validator',
    `label_values(${VALIDATORS}{testnet=~"$testnet", shard=~"$shard"}, instance)`,
  ),
]

function variable(name: string, label: string, query: string) {
  return (): QueryVariableBuilder =>
    new QueryVariableBuilder(name)
      .label(label)
      .datasource(dataSource)
      .query(query)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.NaturalAsc)
      .multi(true)
      .includeAll(true)
      // Not `.+`: with one cluster or one testnet a scrape may leave the label out.
      .allValue('.*')
      .current({ selected: true, text: 'All', value: '$__all' })
}

/** What happened from outside, drawn into every panel: faults first of all. */
function annotations(): readonly Builder<AnnotationQuery>[] {
  return [
    annotation({
      name: 'Restarts',
      colour: 'orange',
      expression: `changes(${raw(validator.startTimeSeconds)}[$__rate_interval]) > 0`,
      text: 'shard {{shard}} {{instance}} started again',
    }),
    annotation({
      name: 'No answer',
      colour: 'red',
      expression:
        'up{job="shardnet-validator", cluster=~"$cluster", testnet=~"$testnet", job=~"$job", shard=~"$shard", instance=~"$instance"} == 0',
      text: 'shard {{shard}} {{instance}} does not answer',
    }),
    annotation({
      name: 'Links shaped',
      colour: 'purple',
      expression: `${raw(validator.linkRules)} > 0`,
      text: 'a fault shapes the links of shard {{shard}} {{instance}}',
    }),
  ]
}

function annotation(parts: {
  readonly name: string
  readonly colour: string
  readonly expression: string
  readonly text: string
}): Builder<AnnotationQuery> {
  return new AnnotationQueryBuilder()
    .name(parts.name)
    .datasource(dataSource)
    .enable(true)
    .iconColor(parts.colour)
    .expr(parts.expression)
    .titleFormat(parts.name)
    .textFormat(parts.text)
    .step('30s')
}
