/** Dashboards, rules and alerts as data. */
export { allBoards } from './boards/all-boards.ts'
export { dashboardOf } from './boards/board.ts'
export { queriesOf, type LintedBoard } from './lint/linted.ts'
export { alerts } from './rules/alerts.ts'
export type { Alert, AlertPace } from './rules/alert.ts'
export { recordingGroups } from './rules/recording-rules.ts'
export type { RuleWindows } from './rules/recording-rule.ts'
export { alertRuleFile, recordingRuleFile } from './rules/rule-files.ts'
