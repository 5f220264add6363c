/* global document, window */
// Asks the validator while somebody looks, and shows what it says.
import * as words from './words.js'

const ASK_EVERY_MS = 1000
/** Without an answer for this long, the validator counts as gone. */
const ANSWER_WITHIN_MS = 4000

const element = (id) => document.getElementById(id)
const main = element('main')
const chart = element('chart')
const pause = element('pause')
const svg = chart.querySelector('svg')

let isPaused = false
let timer = null
let isAsking = false
let shown = null
let answeredAt = null
let chosen = null

const bars = Array.from({ length: 60 }, (_, index) => {
  const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  bar.setAttribute('x', String(index + 0.1))
  bar.setAttribute('width', '0.8')
  svg.append(bar)
  return bar
})

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

/** Rows stay the same elements, so that a selection and the place of a scrolled list survive the next answer. */
function fill(id, rows) {
  const body = element(id)
  while (body.rows.length > rows.length) body.deleteRow(-1)
  for (const [index, cells] of rows.entries()) {
    const row = body.rows[index] ?? body.insertRow()
    for (const [column, { text, kind = '', state = '' }] of cells.entries()) {
      const cell = row.cells[column] ?? row.insertCell()
      cell.className = kind
      cell.dataset.state = state
      setText(cell, text)
    }
  }
}

function showTiles(tiles) {
  const list = element('tiles')
  for (const [index, [name, value, detail]] of tiles.entries()) {
    const tile = list.children[index] ?? list.appendChild(newTile())
    for (const [part, text] of [name, value, detail].entries()) setText(tile.children[part], text)
  }
}

function newTile() {
  const tile = document.createElement('div')
  for (const [tag, className] of [
    ['dt', ''],
    ['dd', 'value'],
    ['dd', 'detail'],
  ])
    tile.appendChild(document.createElement(tag)).className = className
  return tile
}

function showChart() {
  if (shown === null) return
  const { perSecond } = shown.throughput
  for (const [index, height] of words.barsOf(perSecond).entries()) {
    bars[index].setAttribute('y', String(100 - height))
    bars[index].setAttribute('height', String(height))
    bars[index].toggleAttribute('data-chosen', index === chosen)
  }
  chart.setAttribute('aria-label', words.chartLabel(perSecond))
  setText(element('chart-top'), words.count(Math.max(0, ...perSecond)))
  setText(element('chart-reading'), chosen === null ? '' : words.barReading(perSecond, chosen))
}

function show(data) {
  shown = data
  const { state, text } = words.stateOf(data)
  const who = `Shard ${data.shard}, validator ${data.validator}`
  document.title = `${words.count(data.committedHeight)} · ${who}`
  setText(element('who'), who)
  setText(
    element('network'),
    `${data.softwareVersion} · network ${data.networkId.slice(0, 16)}… · ${data.shards} × ${data.validatorsPerShard} validators`,
  )
  showState(state, text)
  showTiles(words.tilesOf(data))
  showChart()
  const none = 'None since this validator started.'
  fill(
    'shards',
    data.shardList.map((row) => words.shardCells(row, data.shard)),
  )
  fill('peers', data.peers.map(words.peerCells))
  fill(
    'blocks',
    data.blocks.map((row) => words.blockCells(row, data.timeMs)),
  )
  fill('transactions', data.transactions.map(words.transactionCells))
  setText(element('shards-note'), words.shardsNote(data))
  setText(element('peers-note'), words.peersNote(data))
  setText(element('blocks-note'), data.blocks.length === 0 ? none : '')
  setText(element('transactions-note'), data.transactions.length === 0 ? none : '')
}

function showState(state, text) {
  element('state').dataset.state = state
  setText(element('state'), text)
}

function showTrouble() {
  const since =
    answeredAt === null
      ? 'It has not answered yet.'
      : `What stands here is from ${answeredAt.toLocaleTimeString('en-GB')}.`
  main.classList.toggle('stale', answeredAt !== null)
  showState('bad', 'no answer')
  document.title = 'No answer · shardnet'
  const trouble = element('trouble')
  setText(trouble, `This validator does not answer. ${since} Asking again every second.`)
  trouble.hidden = false
}

function showAnswer(data) {
  answeredAt = new Date()
  element('trouble').hidden = true
  main.classList.remove('stale')
  show(data)
}

async function ask() {
  timer = null
  if (isAsking) return
  isAsking = true
  const askedAtMs = performance.now()
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const response = await fetch('live/data.json', { signal, cache: 'no-store' })
    if (!response.ok) throw new Error(`status ${response.status}`)
    showAnswer(await response.json())
  } catch {
    showTrouble()
  } finally {
    isAsking = false
    plan(Math.max(0, ASK_EVERY_MS - (performance.now() - askedAtMs)))
  }
}

function plan(afterMs) {
  window.clearTimeout(timer)
  timer = isPaused || document.hidden ? null : window.setTimeout(ask, afterMs)
}

function togglePause() {
  isPaused = !isPaused
  pause.setAttribute('aria-pressed', String(isPaused))
  setText(pause, isPaused ? 'Go on' : 'Pause')
  if (isPaused) showState('wait', 'paused')
  plan(0)
}

function choose(index) {
  chosen = index === null ? null : Math.min(59, Math.max(0, index))
  showChart()
}

function onChartKey(event) {
  const target = {
    ArrowLeft: (chosen ?? 60) - 1,
    ArrowRight: (chosen ?? 58) + 1,
    Home: 0,
    End: 59,
    Escape: null,
  }[event.key]
  if (target === undefined) return
  event.preventDefault()
  choose(target)
}

pause.addEventListener('click', togglePause)
document.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
  if (key === 'p' && !ctrlKey && !metaKey && !altKey) togglePause()
})
document.addEventListener('visibilitychange', () => plan(0))
chart.addEventListener('keydown', onChartKey)
chart.addEventListener('blur', () => choose(null))
chart.addEventListener('pointermove', ({ clientX }) => {
  const { left, width } = svg.getBoundingClientRect()
  choose(Math.floor((60 * (clientX - left)) / width))
})
chart.addEventListener('pointerleave', () => choose(null))
void ask()
