import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'

/** Columns of a dashboard in Grafana's grid. */
const COLUMNS = 24

/** Panels at their places: from left to right in lines of one height, so that none reaches over the edge or leaves a hole beside it. */
export function laidOut(panels: readonly (Panel | RowPanel)[]): (Panel | RowPanel)[] {
  let [left, top, lineHeight] = [0, 0, 0]
  return panels.map((panel) => {
    const { w, h } = panel.gridPos ?? { w: COLUMNS, h: 1 }
    if (left + w > COLUMNS || h !== lineHeight) {
      top += lineHeight
      left = 0
      lineHeight = h
    }
    const gridPos = { x: left, y: top, w, h }
    left += w
    return { ...panel, gridPos }
  })
}
