import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, test } from 'node:test'
import { schemaProblems } from './schema/type-check.ts'

const folder = join(import.meta.dirname, '../../charts/shardnet-monitoring/generated/dashboards')
const boards = Object.fromEntries(
  readdirSync(folder).map((file) => [
    basename(file, '.json'),
    readFileSync(join(folder, file), 'utf8'),
  ]),
)

describe("Grafana's published schema", () => {
  test('takes every dashboard as it is committed', () => {
    assert.equal(Object.keys(boards).length, 7)
    assert.deepEqual(schemaProblems(boards), [])
  })

  const planted = {
    'a property of a panel that it does not know': ['"gridPos"', '"gridPosition"'],
    'a property of an option that it does not know': ['"placement"', '"place"'],
    'a value that an option cannot have': ['"displayMode": "list"', '"displayMode": "lines"'],
    'a kind of panel that is none': ['"type": "timeseries"', '"type": "graph"'],
    'a text for a number': ['"schemaVersion": 42', '"schemaVersion": "42"'],
    'a query without its expression': ['"expr"', '"expression"'],
    'a missing version': ['"schemaVersion": 42,', ''],
  } as const
  const board = boards['shardnet-shard'] ?? ''
  const wrong = Object.entries(planted).map(([what, [from, to]], index) => {
    assert.ok(board.includes(from), what)
    return { what, name: `planted-${index}`, json: board.replace(from, to) }
  })
  test('refuses what is planted', async (context) => {
    const problems = schemaProblems(Object.fromEntries(wrong.map(({ name, json }) => [name, json])))
    for (const { what, name } of wrong)
      await context.test(what, () =>
        assert.ok(
          problems.some((problem) => problem.includes(name)),
          problems.join('\n'),
        ),
      )
  })
})
