import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allBoards } from '../src/boards/all-boards.ts'
import { dashboardOf } from '../src/boards/board.ts'
import {
  dataSourceProblems,
  layoutProblems,
  textProblems,
  unitProblems,
  variableProblems,
} from '../src/lint/board-rules.ts'
import { queriesOf, type LintedBoard, type LintedPanel } from '../src/lint/linted.ts'
import {
  kindProblems,
  rateIntervalProblems,
  selectorProblems,
  syntaxProblems,
  unknownLabelProblems,
  unknownSeriesProblems,
} from '../src/lint/query-rules.ts'

/** As Grafana reads them: through JSON, whatever the SDK's types say. */
const boards: readonly LintedBoard[] = allBoards.map((board) =>
  JSON.parse(JSON.stringify(dashboardOf(board))),
)

describe('every dashboard', () => {
  const boardRules = {
    dataSourceProblems,
    layoutProblems,
    variableProblems,
    textProblems,
    unitProblems,
  }
  const queryRules = {
    syntaxProblems,
    unknownSeriesProblems,
    unknownLabelProblems,
    selectorProblems,
    rateIntervalProblems,
    kindProblems,
  }
  for (const [name, rule] of Object.entries(boardRules))
    test(`has no ${name}`, () => assert.deepEqual(boards.flatMap(rule), []))
  for (const [name, rule] of Object.entries(queryRules))
    test(`has no ${name} in its queries`, () =>
      assert.deepEqual(
        boards.flatMap((board) => rule(queriesOf(board))),
        [],
      ))

  test('has an address of its own that no other board has', () => {
    assert.equal(new Set(boards.map(({ uid }) => uid)).size, boards.length)
  })

  test('is well below the size of a ConfigMap', () => {
    for (const board of boards) assert.ok(JSON.stringify(board).length < 500_000, board.uid)
  })
})

describe('the rules fire on planted boards', () => {
  const panel: LintedPanel = {
    type: 'timeseries',
    title: 'Height',
    description: 'Height of the newest committed block.',
    datasource: { uid: '${datasource}' },
    fieldConfig: { defaults: { unit: 's' } },
  }
  const good: LintedBoard = {
    uid: 'shardnet-x',
    title: 'X',
    description: 'A board.',
    editable: false,
    links: [{ type: 'dashboards' }],
    templating: {
      list: [
        { type: 'datasource', name: 'datasource', query: 'prometheus' },
        ...['cluster', 'testnet', 'job', 'shard', 'instance'].map((name) => ({
          type: 'query',
          name,
          datasource: { uid: '${datasource}' },
        })),
      ],
    },
    panels: [panel, { type: 'row', title: 'A heading needs no description' }],
  }
  const withPanel = (changes: LintedPanel): LintedBoard => ({
    ...good,
    panels: [{ ...panel, ...changes }],
  })

  test('a good one has no problem', () => {
    for (const rule of [dataSourceProblems, variableProblems, textProblems, unitProblems])
      assert.deepEqual(rule(good), [])
  })

  test('one Prometheus by name, in a panel, a variable or an annotation', () => {
    assert.equal(dataSourceProblems(withPanel({ datasource: { uid: 'abc' } })).length, 1)
    assert.equal(dataSourceProblems({ ...good, templating: { list: [] } }).length, 1)
    const annotations = { list: [{ name: 'a', expr: 'up' }] }
    assert.equal(dataSourceProblems({ ...good, annotations }).length, 1)
  })

  test('a panel over the edge, on another one, or nowhere', () => {
    const at = (x: number, y: number): LintedPanel => ({ ...panel, gridPos: { x, y, w: 12, h: 8 } })
    const told = (...panels: LintedPanel[]) => layoutProblems({ ...good, panels }).length
    assert.equal(told(at(0, 0), at(12, 0), at(0, 8)), 0)
    assert.equal(told(at(20, 0)), 1)
    assert.equal(told(at(0, 0), at(8, 7)), 1)
    assert.equal(told(panel), 1)
  })

  test('a missing variable', () => {
    assert.equal(variableProblems({ ...good, templating: { list: [] } }).length, 5)
  })

  test('no uid, no description, editable, no links, no panels', () => {
    assert.equal(textProblems({ panels: [] }).length, 5)
    assert.equal(textProblems(withPanel({ title: '', description: 'no full stop' })).length, 2)
    assert.equal(textProblems({ ...good, panels: [panel, panel] }).length, 1)
  })

  test('no unit, or one that Grafana does not know', () => {
    assert.equal(unitProblems(withPanel({ fieldConfig: {} })).length, 1)
    assert.equal(
      unitProblems(withPanel({ fieldConfig: { defaults: { unit: 'furlong' } } })).length,
      1,
    )
  })

  const all =
    'cluster=~"$cluster", testnet=~"$testnet", job=~"$job", shard=~"$shard", instance=~"$instance"'
  const query = (expression: string) => [{ where: 'here', expression }]

  test('what is not PromQL', () => {
    assert.deepEqual(syntaxProblems(query(`rate(up{${all}}[$__rate_interval])`)), [])
    assert.equal(syntaxProblems(query('sum by (shard (up)')).length > 0, true)
    assert.equal(syntaxProblems(query('')).length, 1)
  })

  test('series and labels that nobody exports', () => {
    assert.equal(unknownSeriesProblems(query('shardnet_consensus_heigth')).length, 1)
    assert.equal(unknownSeriesProblems(query('shard:shardnet_height:min')).length, 1)
    assert.deepEqual(unknownSeriesProblems(query('shard:shardnet_height:max + up')), [])
    const vote = (text: string) => query(`shardnet_consensus_votes_total{${text}}`)
    assert.equal(unknownLabelProblems(vote('vote="final"')).length, 1)
    assert.equal(unknownLabelProblems(vote('kind="commit"')).length, 1)
    assert.deepEqual(unknownLabelProblems(vote('vote="commit", shard=~"$shard"')), [])
  })

  test('a series that is not narrowed by the labels of its level', () => {
    assert.deepEqual(selectorProblems(query(`shardnet_consensus_view{${all}}`)), [])
    assert.equal(selectorProblems(query('shardnet_consensus_view{job=~"$job"}')).length, 1)
    assert.equal(selectorProblems(query('shard:shardnet_height:max{job=~"$job"}')).length, 1)
    assert.equal(selectorProblems(query('testnet:shardnet_cpu:rate{job="x"}')).length, 1)
  })

  test('a fixed range', () => {
    const votes = `shardnet_consensus_votes_total{${all}}`
    assert.equal(rateIntervalProblems(query(`rate(${votes}[5m])`)).length, 1)
    assert.equal(rateIntervalProblems(query(`rate(${votes}[$__interval])`)).length, 1)
    assert.deepEqual(rateIntervalProblems(query(`rate(${votes}[$__rate_interval])`)), [])
  })

  test('a counter without rate, a gauge with one', () => {
    assert.equal(kindProblems(query('shardnet_consensus_votes_total')).length, 1)
    assert.equal(kindProblems(query('rate(shardnet_consensus_view[5m])')).length, 1)
    assert.deepEqual(kindProblems(query('sum(rate(shardnet_consensus_votes_total[5m]))')), [])
  })
})
