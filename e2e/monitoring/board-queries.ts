import {
  allBoards,
  dashboardOf,
  queriesOf,
  recordingGroups,
  type LintedBoard,
} from '@shardnet/dashboards'
import type { BoardQuery } from './prometheus-client.ts'

/** Every query of every board, as Grafana reads it. */
export const boardQueries: readonly BoardQuery[] = allBoards
  .map((board): LintedBoard => JSON.parse(JSON.stringify(dashboardOf(board))))
  .flatMap(queriesOf)

/** The one board about something that no testnet of one machine has. */
export const OPERATOR_BOARD = 'shardnet-operator'

export const isAnnotation = ({ where }: BoardQuery): boolean => where.includes('/ annotation ')
export const isOfOperator = ({ where }: BoardQuery): boolean =>
  where.startsWith(`${OPERATOR_BOARD} /`)

/** Every recorded series by itself. */
export const ruleQueries: readonly BoardQuery[] = recordingGroups().flatMap(({ rules }) =>
  rules.map(({ record }) => ({ where: record, expression: record })),
)
