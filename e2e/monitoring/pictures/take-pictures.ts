import { allBoards, dashboardOf } from '@shardnet/dashboards'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { E2eError } from '../../cluster/e2e-error.ts'
import { capture } from '../../cluster/process/capture.ts'
import { filledIn, type PrometheusClient } from '../prometheus-client.ts'
import { type BoardData, boardPage, type DrawnLine, pageSize } from './board-page.ts'
import type { DrawnBoard, DrawnPanel, Span } from './written-board.ts'

const STEP_SECONDS = 2
/** A page of our own, from a file: nothing that asks a network. */
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--hide-scrollbars']

/**
 * Draws boards from what a Prometheus holds since a moment, where `SHARDNET_BOARD_PICTURES` names a folder for them. They are the
 * queries, places and units of the boards, and not Grafana's drawing of them.
 */
export async function takePictures(
  prometheus: PrometheusClient,
  isWanted: (uid: string) => boolean,
  fromSeconds: number,
): Promise<void> {
  const folder = process.env['SHARDNET_BOARD_PICTURES']
  if (folder === undefined) return
  await mkdir(folder, { recursive: true })
  const span = { fromSeconds, toSeconds: Date.now() / 1_000 }
  const boards = allBoards.map((board): DrawnBoard =>
    JSON.parse(JSON.stringify(dashboardOf(board))),
  )
  for (const board of boards.filter(({ uid }) => isWanted(uid))) {
    const lines = await Promise.all(board.panels.map((panel) => linesOf(prometheus, panel, span)))
    const marks = await marksOf(prometheus, board, span)
    await draw(board, { span, lines, marks }, join(folder, `${board.uid}.png`))
  }
}

async function linesOf(
  prometheus: PrometheusClient,
  { targets = [] }: DrawnPanel,
  span: Span,
): Promise<readonly DrawnLine[]> {
  const lines: DrawnLine[] = []
  for (const { expr, legendFormat } of targets) {
    const { expression } = filledIn({ where: '', expression: expr })
    for (const series of await prometheus.rangeOf(expression, span, STEP_SECONDS))
      lines.push({
        ...series,
        legend: legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label) => series.labels[label] ?? ''),
      })
  }
  return lines
}

async function marksOf(
  prometheus: PrometheusClient,
  { annotations }: DrawnBoard,
  span: Span,
): Promise<BoardData['marks']> {
  const marks: { second: number; colour: string }[] = []
  for (const { expr, iconColor } of annotations.list) {
    const { expression } = filledIn({ where: '', expression: expr })
    const found = await prometheus.rangeOf(expression, span, STEP_SECONDS)
    // The moment at which it begins; a fault that lasts would paint the panel over.
    for (const { points } of found) {
      const second = points[0]?.[0]
      if (second !== undefined) marks.push({ second, colour: iconColor })
    }
  }
  return marks
}

async function draw(board: DrawnBoard, data: BoardData, target: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shardnet-picture-'))
  try {
    const page = join(folder, 'board.html')
    const source =
      'Drawn by this project from the JSON of the board and a real Prometheus on a real testnet; not by Grafana.'
    await writeFile(page, boardPage(board, data, source))
    const { width, height } = pageSize(board)
    const { code, text } = await capture('chromium', [
      ...FLAGS,
      `--user-data-dir=${join(folder, 'browser')}`,
      `--window-size=${width},${height}`,
      `--screenshot=${target}`,
      pathToFileURL(page).href,
    ])
    if (code !== 0) throw new E2eError(`no picture of ${board.uid}: ${text.slice(-1_000)}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
