import { allBoards } from './src/boards/all-boards.ts'
import { dashboardOf } from './src/boards/board.ts'
import { chartValuesJsonSchema } from './src/chart/values-schema.ts'
import { metricsPage } from './src/docs/metrics-page.ts'
import { alerts } from './src/rules/alerts.ts'
import { recordingGroups } from './src/rules/recording-rules.ts'
import { alertRuleFile, recordingRuleFile } from './src/rules/rule-files.ts'

interface GeneratedFile {
  readonly path: string
  readonly content: string
}

/** Helm reads only what lies in the chart's own folder. */
const CHART = 'charts/shardnet-monitoring'
const FOLDER = `${CHART}/generated`

/** The files of this room that are made from its code, for `npm run generate`. */
export async function generate(): Promise<readonly GeneratedFile[]> {
  const groups = recordingGroups()
  return [
    ...allBoards.map((board) => ({
      path: `${FOLDER}/dashboards/${board.uid}.json`,
      content: `${JSON.stringify(dashboardOf(board), null, 2)}\n`,
    })),
    { path: `${FOLDER}/recording-rules.yaml`, content: recordingRuleFile(groups) },
    { path: `${FOLDER}/alerts.yaml`, content: alertRuleFile(alerts()) },
    {
      path: `${CHART}/values.schema.json`,
      content: `${JSON.stringify(chartValuesJsonSchema(), null, 2)}\n`,
    },
    { path: 'docs/metrics.md', content: metricsPage(groups, alerts()) },
  ]
}
