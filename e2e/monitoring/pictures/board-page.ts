import type { DrawnBoard, DrawnPanel, DrawnSeries, Span } from './written-board.ts'
import { valueText } from './value-text.ts'

const COLOURS = [
  '#73bf69',
  '#f2cc0c',
  '#8ab8ff',
  '#ff780a',
  '#f2495c',
  '#5794f2',
  '#b877d9',
  '#c4c8d0',
]
const COLUMN_PX = 50
const ROW_PX = 24
const GAP_PX = 6
const HEAD_PX = 74
const LEGEND_LINES_MAX = 8

/** A line of a panel with the words of its legend. */
export interface DrawnLine extends DrawnSeries {
  readonly legend: string
}

/** Something that happened, drawn through every panel. */
export interface DrawnMark {
  readonly second: number
  readonly colour: string
}

/** What Prometheus answered for a board. */
export interface BoardData {
  readonly span: Span
  /** By the index of the panel. */
  readonly lines: readonly (readonly DrawnLine[])[]
  readonly marks: readonly DrawnMark[]
}

export const pageSize = ({ panels }: DrawnBoard): { width: number; height: number } => ({
  width: 24 * COLUMN_PX,
  height: HEAD_PX + Math.max(...panels.map(({ gridPos: { y, h } }) => y + h)) * ROW_PX,
})

/** The board's panels at their places with the data of their queries. It is our own drawing, and the page says so. */
export function boardPage(board: DrawnBoard, data: BoardData, source: string): string {
  const panels = board.panels.map((panel, index) => panelBox(panel, data.lines[index] ?? [], data))
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #111217; color: #ccccdc; font: 12px system-ui, sans-serif }
header { height: ${HEAD_PX}px; box-sizing: border-box; padding: 10px 14px }
h1 { font-size: 18px; margin: 0 }
p { margin: 4px 0 0; color: #8e8ea0 }
section, h2 { position: absolute; box-sizing: border-box }
section { background: #181b1f; border: 1px solid #2c2f36; border-radius: 3px; padding: 6px 8px; overflow: hidden }
h2 { font-size: 14px; margin: 0; padding: 4px 10px }
h3 { font-size: 12px; margin: 0; font-weight: 600 }
b { font-size: 24px; font-weight: 500; display: block; margin-top: 14px; text-align: center }
span { margin-right: 10px; white-space: nowrap }
td { padding: 1px 14px 1px 0 }
</style><header><h1>${escaped(board.title)}</h1><p>${escaped(board.description)}</p><p>${escaped(source)}</p></header>
${panels.join('\n')}`
}

function panelBox(panel: DrawnPanel, lines: readonly DrawnLine[], data: BoardData): string {
  const { x, y, w, h } = panel.gridPos
  const [left, top] = [x * COLUMN_PX + GAP_PX / 2, HEAD_PX + y * ROW_PX + GAP_PX / 2]
  const [width, height] = [w * COLUMN_PX - GAP_PX, h * ROW_PX - GAP_PX]
  const place = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`
  const title = escaped(panel.title)
  if (panel.type === 'row') return `<h2 style="${place}">${title}</h2>`
  const unit = panel.fieldConfig?.defaults?.unit ?? ''
  const body =
    panel.type === 'stat'
      ? newest(lines, unit)
      : panel.type === 'table'
        ? rows(lines, unit)
        : plot(lines, { unit, width: width - 18, height: height - 66, data })
  return `<section style="${place}"><h3>${title}</h3>${body}</section>`
}

function newest(lines: readonly DrawnLine[], unit: string): string {
  const values = lines.map(({ points }) => valueText(points.at(-1)?.[1] ?? 0, unit))
  return `<b style="font-size:${values.length > 2 ? 13 : values.length > 1 ? 17 : 24}px">${escaped(values.join(' · '))}</b>`
}

function rows(lines: readonly DrawnLine[], unit: string): string {
  const shown = lines.slice(0, LEGEND_LINES_MAX).map(({ labels, points }) => {
    const words = ['shard', 'instance'].map((name) => `<td>${escaped(labels[name] ?? '')}</td>`)
    return `<tr>${words.join('')}<td>${valueText(points.at(-1)?.[1] ?? 0, unit)}</td></tr>`
  })
  return `<table>${shown.join('')}</table>`
}

function plot(
  lines: readonly DrawnLine[],
  frame: { unit: string; width: number; height: number; data: BoardData },
): string {
  const { unit, width, height, data } = frame
  const { fromSeconds, toSeconds } = data.span
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value))
  const low = Math.min(0, ...values)
  const top = Math.max(low, ...values)
  const high = top > low ? top : low + 1
  const across = (second: number): string =>
    (((second - fromSeconds) / (toSeconds - fromSeconds)) * width).toFixed(1)
  const up = (value: number): string =>
    (height - ((value - low) / (high - low)) * height).toFixed(1)
  const marks = data.marks.map(
    ({ second, colour }) =>
      `<line x1="${across(second)}" x2="${across(second)}" y1="0" y2="${height}" stroke="${colour}" stroke-dasharray="2 3" opacity="0.6"/>`,
  )
  const drawn = lines.map(({ points }, index) => {
    const path = points.map(([second, value]) => `${across(second)},${up(value)}`).join(' ')
    return `<polyline points="${path}" fill="none" stroke="${colourAt(index)}"/>`
  })
  const legend = lines
    .slice(0, LEGEND_LINES_MAX)
    .map(
      ({ legend: text }, index) =>
        `<span style="color:${colourAt(index)}">━ ${escaped(text)}</span>`,
    )
  return `<svg width="${width}" height="${height + 2}" style="margin-top:4px"><rect width="${width}" height="${height}" fill="#14161a"/>
${marks.join('')}${drawn.join('')}<text x="3" y="11" fill="#8e8ea0">${escaped(valueText(high, unit))}</text><text x="3" y="${height - 3}" fill="#8e8ea0">${escaped(valueText(low, unit))}</text></svg><div>${legend.join(' ')}</div>`
}

const colourAt = (index: number): string => COLOURS[index % COLOURS.length] ?? '#ccccdc'

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`)
