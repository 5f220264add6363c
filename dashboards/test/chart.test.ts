import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { allBoards } from '../src/boards/all-boards.ts'
import { exporters } from '../src/catalogues.ts'
import { ChartValues } from '../src/chart/values-schema.ts'
import { givenSeries } from '../src/rules/load-rules.ts'

const chart = join(import.meta.dirname, '../../charts/shardnet-monitoring')
const textOf = (path: string): string => readFileSync(join(chart, path), 'utf8')
const templates = readdirSync(join(chart, 'templates')).map((name) => textOf(`templates/${name}`))

test('the values that people get are complete and as the schema says', () => {
  const values: unknown = parse(textOf('values.yaml'))
  assert.deepEqual(ChartValues.parse(values), values)
})

test('values that the chart does not know are refused', () => {
  const values: Record<string, unknown> = parse(textOf('values.yaml'))
  for (const wrong of [
    { ...values, clusters: [] },
    { ...values, scrape: { interval: 'often' } },
    { ...values, price: { perHour: -1 } },
    { ...values, podMonitor: { enabled: true, labels: {} } },
  ])
    assert.equal(ChartValues.safeParse(wrong).success, false)
})

test('every value is used by a template', () => {
  const used = templates.join('\n')
  const values: Record<string, unknown> = parse(textOf('values.yaml'))
  for (const name of Object.keys(values)) assert.ok(used.includes(`.Values.${name}`), name)
})

test('the chart records the series that rules expect from it, and scrapes every exporter', () => {
  const helpers = textOf('templates/_helpers.tpl')
  for (const { record } of Object.values(givenSeries))
    assert.ok(helpers.includes(`record: ${record}\n`), record)
  for (const { job } of exporters) assert.ok(helpers.includes(`name: ${job}\n`), job)
})

test('every board is in the chart, and nothing else', () => {
  assert.deepEqual(
    readdirSync(join(chart, 'generated/dashboards')).toSorted(),
    allBoards.map(({ uid }) => `${uid}.json`).toSorted(),
  )
})
