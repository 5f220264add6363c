import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { alertRuleFile, alerts, recordingGroups, recordingRuleFile } from '@shardnet/dashboards'
import { alertCases } from '../../monitoring/alert-cases.ts'
import { prometheusProgram } from '../../monitoring/prometheus-programs.ts'
import { promtoolTestFile } from '../../monitoring/promtool-tests.ts'

const names = alerts().map(({ name }) => name)

describe('promtool', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shardnet-rules-'))
  const files = ['recording-rules.yaml', 'alerts.yaml']
  let promtool = ''
  const run = (...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(promtool, words, { cwd: folder, encoding: 'utf8' })
    return { status, text: stdout + stderr }
  }
  before(async () => {
    promtool = await prometheusProgram('promtool')
    writeFileSync(join(folder, 'recording-rules.yaml'), recordingRuleFile(recordingGroups()))
    writeFileSync(join(folder, 'alerts.yaml'), alertRuleFile(alerts()))
  })
  after(() => rmSync(folder, { recursive: true }))

  test('takes the rule files as they are', () => {
    const { status, text } = run('check', 'rules', ...files)
    assert.equal(status, 0, text)
  })

  for (const name of names) {
    const cases = alertCases.filter(({ alert }) => alert === name)
    test(`${name}: ${cases.map(({ title }) => title).join('; ')}`, () => {
      const expected = cases.flatMap((each) => each.expected.map(([, firing]) => firing))
      assert.ok(
        expected.some((firing) => firing > 0),
        'a moment at which it fires',
      )
      const file = `${name}.json`
      writeFileSync(join(folder, file), promtoolTestFile(files, cases))
      const { status, text } = run('test', 'rules', file)
      assert.equal(status, 0, text)
    })
  }

  test('sees a rule that is broken: the stories tell right from wrong', () => {
    const broken = alerts().map((alert) =>
      alert.name === 'ShardnetValidatorLagging'
        ? { ...alert, expression: alert.expression.replace('> 30', '> 3000') }
        : alert,
    )
    writeFileSync(join(folder, 'broken.yaml'), alertRuleFile(broken))
    const cases = alertCases.filter(({ alert }) => alert === 'ShardnetValidatorLagging')
    writeFileSync(
      join(folder, 'broken.json'),
      promtoolTestFile(['recording-rules.yaml', 'broken.yaml'], cases),
    )
    assert.equal(run('test', 'rules', 'broken.json').status, 1)
  })
})

test('no story is about an alert that does not exist', () => {
  assert.deepEqual(
    alertCases.filter(({ alert }) => !names.includes(alert)),
    [],
  )
})
