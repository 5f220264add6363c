import { stringify } from 'yaml'
import { type Alert } from './alert.ts'
import type { RecordingGroup } from './recording-rules.ts'

const HEAD = '# Made by `npm run generate` from dashboards/src/rules; do not edit.\n'

/** A rule file for Prometheus, and for `spec` of a PrometheusRule. */
export function recordingRuleFile(groups: readonly RecordingGroup[]): string {
  return file(
    groups.map(({ name, rules }) => ({
      name,
      rules: rules.map(({ record, expression }) => ({ record, expr: expression })),
    })),
  )
}

/** As `recordingRuleFile`. Runbooks are named by their path in the project; the chart puts its address before it. */
export function alertRuleFile(alerts: readonly Alert[]): string {
  return file([
    {
      name: 'shardnet-alerts',
      rules: alerts.map((alert) => ({
        alert: alert.name,
        expr: alert.expression,
        for: alert.for,
        labels: { severity: alert.severity },
        annotations: {
          summary: alert.summary,
          description: alert.description,
          runbook_url: `docs/runbooks/${alert.page}.md`,
        },
      })),
    },
  ])
}

function file(groups: readonly object[]): string {
  return HEAD + stringify({ groups }, { lineWidth: 0 })
}
