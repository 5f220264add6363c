import * as grafanaUnits from '@grafana/grafana-foundation-sdk/units'
import { panelsOf, type LintedBoard } from './linted.ts'

const DATA_SOURCE = '${datasource}'
const VARIABLES = ['cluster', 'testnet', 'job', 'shard', 'instance']
const units: ReadonlySet<unknown> = new Set(Object.values(grafanaUnits))

/** dashboard-linter: template-datasource-rule, panel-datasource-rule. No board is tied to one Prometheus. */
export function dataSourceProblems(board: LintedBoard): readonly string[] {
  const variables = board.templating?.list ?? []
  const isThere = variables.some(({ type, name, query }) => {
    return type === 'datasource' && name === 'datasource' && query === 'prometheus'
  })
  const named = [
    ...variables
      .filter(({ type }) => type === 'query')
      .map(({ name, datasource }) => ({ what: `variable ${name}`, datasource })),
    ...panelsOf(board).map(({ title, datasource }) => ({ what: title, datasource })),
    ...(board.annotations?.list ?? []).map(({ name, datasource }) => ({
      what: `annotation ${name}`,
      datasource,
    })),
  ]
  return [
    ...(isThere ? [] : [`${board.uid}: no data source variable`]),
    ...named
      .filter(({ datasource }) => datasource?.uid !== DATA_SOURCE)
      .map(({ what }) => `${board.uid} / ${what}: does not read the data source variable`),
  ]
}

/** dashboard-linter: template-job-rule, template-instance-rule, and the labels of a testnet. */
export function variableProblems(board: LintedBoard): readonly string[] {
  const names = new Set((board.templating?.list ?? []).map(({ name }) => name))
  return VARIABLES.filter((name) => !names.has(name)).map(
    (name) => `${board.uid}: no variable ${name}`,
  )
}

/** dashboard-linter: panel-title-description-rule, uneditable-dashboard-rule. Titles are unique, for people talk about them. */
export function textProblems(board: LintedBoard): readonly string[] {
  const panels = panelsOf(board)
  const titles = panels.map(({ title }) => title)
  return [
    ...(/^shardnet-[a-z-]+$/.test(board.uid ?? '') ? [] : [`${board.uid}: no stable uid`]),
    ...(isSentence(board.description) ? [] : [`${board.uid}: no description`]),
    ...(board.editable === false ? [] : [`${board.uid}: can be edited in place`]),
    ...((board.links ?? []).length > 0 ? [] : [`${board.uid}: leads to no other board`]),
    ...(panels.length > 0 ? [] : [`${board.uid}: no panels`]),
    ...panels.flatMap(({ title, description }, index) => [
      ...((title ?? '') === '' ? [`${board.uid}: panel ${index} has no title`] : []),
      ...(titles.indexOf(title) === index ? [] : [`${board.uid} / ${title}: title is there twice`]),
      ...(isSentence(description) ? [] : [`${board.uid} / ${title}: no description`]),
    ]),
  ]
}

/** dashboard-linter: panel-units-rule. Also that Grafana knows the unit. */
export function unitProblems(board: LintedBoard): readonly string[] {
  return panelsOf(board).flatMap(({ title, fieldConfig }) => {
    const unit = fieldConfig?.defaults?.unit ?? ''
    return units.has(unit) ? [] : [`${board.uid} / ${title}: '${unit}' is no unit`]
  })
}

const isSentence = (text: string | undefined): boolean => /^[A-Z0-9].*[.?!]$/.test(text ?? '')
