import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boardPage, pageSize } from '../monitoring/pictures/board-page.ts'
import { valueText } from '../monitoring/pictures/value-text.ts'
import type { DrawnBoard } from '../monitoring/pictures/written-board.ts'

test('values are told in the unit of their panel', () => {
  assert.equal(valueText(0.375, 'percentunit'), '37.5 %')
  assert.equal(valueText(0.012, 's'), '12 ms')
  assert.equal(valueText(75, 's'), '75 s')
  assert.equal(valueText(3 * 1_048_576, 'bytes'), '3 MiB')
  assert.equal(valueText(1_250, 'Bps'), '1.25 kB/s')
  assert.equal(valueText(16_226, 'cps'), '16.23 k/s')
  assert.equal(valueText(1_234, 'none'), '1234')
  assert.equal(valueText(1, 'bool_yes_no'), 'Yes')
})

test('every panel stands at its place with its lines, and nothing of a label is read as a page', () => {
  const gridPos = { x: 12, y: 2, w: 12, h: 8 }
  const board: DrawnBoard = {
    uid: 'shardnet-x',
    title: 'X',
    description: 'A board.',
    panels: [
      { type: 'row', title: 'A heading', gridPos: { x: 0, y: 0, w: 24, h: 1 } },
      { type: 'timeseries', title: 'Height', gridPos },
    ],
    annotations: { list: [] },
  }
  const points = [
    [10, 0],
    [20, 4],
  ] as const
  const page = boardPage(
    board,
    {
      span: { fromSeconds: 10, toSeconds: 20 },
      lines: [[], [{ labels: {}, legend: '<b>shard 0', points }]],
      marks: [{ second: 15, colour: 'red' }],
    },
    'here',
  )
  assert.deepEqual(pageSize(board), { width: 1_200, height: 74 + 10 * 24 })
  assert.match(page, /<h3>Height<\/h3>/)
  // From the lower left to the upper right of 576 by 120 pixels, the mark in the middle.
  assert.match(page, /points="0\.0,120\.0 576\.0,0\.0"/)
  assert.match(page, /x1="288\.0"/)
  assert.ok(page.includes('&#60;b&#62;shard 0') && !page.includes('<b>shard'))
})
