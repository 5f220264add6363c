import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { allBoards } from '../src/boards/all-boards.ts'
import { dashboardOf } from '../src/boards/board.ts'
import { exportedSeries, exporters } from '../src/catalogues.ts'
import { metricsPage } from '../src/docs/metrics-page.ts'
import { queriesOf, type LintedBoard } from '../src/lint/linted.ts'
import {
  syntaxProblems,
  unknownLabelProblems,
  unknownSeriesProblems,
} from '../src/lint/query-rules.ts'
import { analysePromql } from '../src/promql/analyse.ts'
import { alerts } from '../src/rules/alerts.ts'
import { givenSeries } from '../src/rules/load-rules.ts'
import { levelLabels, levelOf } from '../src/rules/recording-rule.ts'
import { recordingGroups } from '../src/rules/recording-rules.ts'

const root = join(import.meta.dirname, '../..')
const groups = recordingGroups()
const rules = groups.flatMap((group) => group.rules)
const ruleQueries = rules.map(({ record, expression }) => ({ where: record, expression }))
const alertQueries = alerts().map(({ name, expression }) => ({ where: name, expression }))

describe('recording rules', () => {
  test('are PromQL over series and labels that exist', () => {
    assert.deepEqual(syntaxProblems(ruleQueries), [])
    assert.deepEqual(unknownSeriesProblems(ruleQueries), [])
    const ofExporters = ruleQueries.map(({ where, expression }) => ({ where, expression }))
    assert.deepEqual(unknownLabelProblems(ofExporters), [])
  })

  test('have names of the form level:metric:operation, each once', () => {
    const names = rules.map(({ record }) => record)
    assert.equal(new Set(names).size, names.length)
    for (const name of names) {
      assert.match(name, /^[a-z]+:shardnet_[a-z_]+:[a-z0-9_]+$/)
      assert.ok(levelOf(name) !== undefined, name)
    }
  })

  test('read only what an earlier rule recorded', () => {
    const seen = new Set<string>(Object.values(givenSeries).map(({ record }) => record))
    for (const { record, expression } of rules) {
      for (const { metric } of analysePromql(expression).selectors)
        assert.ok(!metric.includes(':') || seen.has(metric), `${record} reads ${metric} too early`)
      seen.add(record)
    }
  })

  test('aggregate to the labels of their level', () => {
    for (const { record, expression } of rules) {
      const level = levelOf(record)
      if (level === undefined || level === 'instance') continue
      const first = /\bby \(([^)]*)\)/.exec(expression)?.[1]?.split(', ')
      // A rule without an aggregation of its own is made of recorded series.
      if (first === undefined) continue
      for (const label of levelLabels[level])
        assert.ok(first.includes(label), `${record}: ${label}`)
    }
  })
})

describe('another pace', () => {
  const withoutTimes = (text: string): string => text.replace(/\b\d+[smh]\b/g, 'TIME')

  test('of alerts changes how long they look and wait, and no limit', () => {
    const quick = alerts({ silence: '7s', short: '3s', long: '9s', trend: '8s' })
    assert.notDeepEqual(quick, alerts())
    const told = (each: ReturnType<typeof alerts>) =>
      each.map((alert) => ({ ...alert, for: '', expression: withoutTimes(alert.expression) }))
    assert.deepEqual(told(quick), told(alerts()))
  })

  test('of recording rules changes their windows and nothing else', () => {
    const quick = recordingGroups({ now: '3s', steady: '9s' })
    assert.notDeepEqual(quick, groups)
    assert.equal(withoutTimes(JSON.stringify(quick)), withoutTimes(JSON.stringify(groups)))
  })
})

describe('alerts', () => {
  test('are PromQL over series and labels that exist', () => {
    assert.deepEqual(syntaxProblems(alertQueries), [])
    assert.deepEqual(unknownSeriesProblems(alertQueries), [])
    assert.deepEqual(unknownLabelProblems(alertQueries), [])
  })

  test('say how bad it is, for how long, where, and what to do', () => {
    const names = alerts().map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const alert of alerts()) {
      assert.match(alert.name, /^Shardnet[A-Z][A-Za-z]+$/)
      assert.match(alert.for, /^\d+[smh]$/)
      assert.match(alert.summary, /\{\{ \$labels\.\w+ \}\}/, alert.name)
      assert.match(alert.description, /^[A-Z].*\.$/s, alert.name)
    }
  })

  test('wake somebody only for a shard that stands still and for broken safety', () => {
    const pages = alerts().filter(({ severity }) => severity === 'page')
    assert.deepEqual(
      pages.map(({ name }) => name),
      ['ShardnetShardNotCommitting', 'ShardnetSafetyCheckFailed'],
    )
  })
})

describe('runbooks', () => {
  const sections = [
    'What it means',
    'What to look at first',
    'What to do',
    'How you know that it is over',
  ]
  for (const { name, page, severity } of alerts()) {
    test(`${page} tells a stranger what to do about ${name}`, () => {
      const path = join(root, 'docs/runbooks', `${page}.md`)
      assert.ok(existsSync(path), `docs/runbooks/${page}.md is missing`)
      const text = readFileSync(path, 'utf8')
      assert.match(text, new RegExp(`^# ${name}$`, 'm'))
      assert.ok(text.includes(`Severity: ${severity}`), 'its severity')
      const found = new Map(
        text
          .split(/^## /m)
          .slice(1)
          .map((part): [string, string] => {
            const end = part.indexOf('\n')
            return [part.slice(0, end).trim(), part.slice(end).trim()]
          }),
      )
      for (const section of sections)
        assert.ok((found.get(section) ?? '').length >= 80, `${section} says too little`)
      assert.match(found.get('What to look at first') ?? '', /`/, 'a command or a board to look at')
      assert.match(found.get('What to do') ?? '', /^\d\. /m, 'steps in their order')
    })
  }
})

describe('metrics', () => {
  test('each is documented with its meaning', () => {
    const page = metricsPage(groups, alerts())
    for (const { metrics } of exporters)
      for (const { name, help } of metrics)
        assert.ok(page.includes(`\`${name}\``) && page.includes(help), name)
    for (const { record } of rules) assert.ok(page.includes(`\`${record}\``), record)
  })

  test('each is shown or ruled on somewhere, or listed here with the reason', () => {
    const unseen = new Map([
      ['shardnet_batches_made_total', 'its count stands in batches_size_transactions'],
      ['shardnet_batches_received_total', 'refusals show in refused messages; kept for questions'],
      ['shardnet_log_fsyncs_total', 'the count of log_fsync_seconds'],
      ['shardnet_log_written_bytes_total', 'log_used_bytes shows the growth'],
      ['shardnet_signatures_batch_size', 'for tuning the kernel, by hand'],
      ['shardnet_signatures_check_seconds', 'for tuning the kernel, by hand'],
      ['shardnet_signatures_cpu_seconds_total', 'for the bottleneck of a report'],
      ['shardnet_signatures_kernel_live', 'a fact, not a measurement'],
      ['shardnet_rpc_request_seconds', 'people wait for it, testnets do not'],
      ['shardnet_rpc_acknowledged_transactions_total', 'for comparing with submitted, by hand'],
      ['shardnet_process_heap_used_bytes', 'part of resident_bytes'],
      ['shardnet_process_external_bytes', 'part of resident_bytes'],
    ])
    const boards: readonly LintedBoard[] = allBoards.map((board) =>
      JSON.parse(JSON.stringify(dashboardOf(board))),
    )
    const read = new Set(
      [...ruleQueries, ...alertQueries, ...boards.flatMap(queriesOf)].flatMap(({ expression }) =>
        analysePromql(expression).selectors.map(
          ({ metric }) => exportedSeries.get(metric)?.name ?? metric,
        ),
      ),
    )
    const names = exporters.flatMap(({ metrics }) => metrics.map(({ name }) => name))
    assert.deepEqual(
      names.filter((name) => !read.has(name) && (unseen.get(name) ?? '') === ''),
      [],
    )
    assert.deepEqual(
      [...unseen].filter(([name, reason]) => reason !== '' && read.has(name)),
      [],
    )
  })
})

test('the parser names what an expression reads', () => {
  const { selectors, errors } = analysePromql(
    'sum by (shard) (rate(a_total{shard=~"$shard", vote!="skip"}[$__rate_interval])) / b',
  )
  assert.deepEqual(errors, [])
  assert.deepEqual(selectors, [
    {
      metric: 'a_total',
      matchers: [
        { label: 'shard', operator: '=~', value: '$shard' },
        { label: 'vote', operator: '!=', value: 'skip' },
      ],
      range: '$__rate_interval',
      function: 'rate',
    },
    { metric: 'b', matchers: [], range: null, function: null },
  ])
  assert.ok(analysePromql('rate(a[5m]').errors.length > 0)
})
