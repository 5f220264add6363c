import type { AlertCase } from './alert-cases.ts'

const STEP = '15s'

/** A test file of promtool, as JSON, which is YAML. */
export function promtoolTestFile(
  ruleFiles: readonly string[],
  cases: readonly AlertCase[],
): string {
  return JSON.stringify({
    rule_files: ruleFiles,
    evaluation_interval: STEP,
    tests: cases.map(({ alert, title, series, expected }) => ({
      name: `${alert}: ${title}`,
      interval: STEP,
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: expected.map(([at, firing]) => ({
        expr: `count(ALERTS{alertname="${alert}", alertstate="firing"}) or vector(0)`,
        eval_time: at,
        exp_samples: [{ labels: '{}', value: firing }],
      })),
    })),
  })
}
