import * as grafanaUnits from '@grafana/grafana-foundation-sdk/units'
import { panelsOf, type LintedBoard, type LintedPlace } from './linted.ts'

const DATA_SOURCE = '${datasource}'
/** Of Grafana's grid. */
const COLUMNS = 24
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

/** Not the linter's: Grafana moves what reaches over the edge or lies on another panel, and a board then looks different from what we wrote. */
export function layoutProblems(board: LintedBoard): readonly string[] {
  const panels = board.panels ?? []
  return panels.flatMap(({ title, gridPos }, index) => {
    if (gridPos === undefined) return [`${board.uid} / ${title}: has no place`]
    const below = panels.slice(0, index).find((other) => overlap(other.gridPos, gridPos))
    return [
      ...(gridPos.x + gridPos.w > COLUMNS
        ? [`${board.uid} / ${title}: reaches over the edge`]
        : []),
      ...(below === undefined ? [] : [`${board.uid} / ${title}: lies on ${below.title}`]),
    ]
  })
}

const overlap = (one: LintedPlace | undefined, other: LintedPlace): boolean =>
  one !== undefined &&
  one.x < other.x + other.w &&
  other.x < one.x + one.w &&
  one.y < other.y + other.h &&
  other.y < one.y + one.h

const isSentence = (text: string | undefined): boolean => /^[A-Z0-9].*[.?!]$/.test(text ?? '')
