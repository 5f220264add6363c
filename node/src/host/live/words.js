// What the page says, as plain text: from the data of one answer, without a document.

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A block is late when none came for this long. */
const LATE_MS = 10_000

export const count = (value) => whole.format(value)

export function duration(ms) {
  if (ms >= 60_000) return span(ms / 1000)
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(3))} s`
  return `${Number(ms.toPrecision(3))} ms`
}

/** Seconds as people say them: 12 s, 3 min, 2 h 5 min. */
export function span(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function bytes(value) {
  if (value === 0) return '–'
  if (value < 1024) return `${value} B`
  return value < 1_048_576
    ? `${(value / 1024).toFixed(1)} KiB`
    : `${(value / 1_048_576).toFixed(1)} MiB`
}

/** Mean of the last seconds; null before the first whole one. */
export function rateOf(perSecond, seconds) {
  const last = perSecond.slice(-seconds)
  return last.length === 0 ? null : last.reduce((sum, value) => sum + value, 0) / last.length
}

/** How the validator is, in words, with the colour of a light. */
export function stateOf({ notReady, timeMs, blocks }) {
  if (notReady !== null) return { state: 'bad', text: `not ready: ${notReady}` }
  const [newest] = blocks
  if (newest === undefined) return { state: 'wait', text: 'ready, no block since it started' }
  const ageMs = timeMs - newest.timeMs
  return ageMs > LATE_MS
    ? { state: 'bad', text: `no block for ${span(ageMs / 1000)}` }
    : { state: 'good', text: 'ready' }
}

export function tilesOf(data) {
  const { throughput, latency, peers, executedHeight, committedHeight, view, upSeconds } = data
  const rate = rateOf(throughput.perSecond, 10)
  const connected = peers.filter(({ isConnected }) => isConnected).length
  const { commit } = latency
  return [
    ['Height', count(committedHeight), `executed ${count(executedHeight)}, view ${count(view)}`],
    [
      'Transactions a second',
      rate === null ? '–' : count(rate),
      `mean of 10 s; ${count(throughput.committedTotal)} since it started ${span(upSeconds)} ago`,
    ],
    [
      'From proposal to commit',
      commit === null ? '–' : duration(commit.medianMs),
      commit === null ? 'no block in the last minute' : `median; 99 % in ${duration(commit.p99Ms)}`,
    ],
    batchTile(latency.ownBatches),
    ['Peers connected', `${connected} of ${peers.length}`, 'in this shard'],
  ]
}

/** What a client waits is more: its way here, and the time until a batch is full or old enough. */
function batchTile(ownBatches) {
  return ownBatches === null
    ? ['From batch to execution', '–', 'no client sent to this validator in the last minute']
    : [
        'From batch to execution',
        duration(ownBatches.medianMs),
        `median of its own batches; 99 % in ${duration(ownBatches.p99Ms)}`,
      ]
}

export function shardCells({ shard, height, heardSecondsAgo, inFlight, connectedPeers }, own) {
  const isOwn = shard === own
  return [
    { text: isOwn ? `${shard} (this one)` : `${shard}` },
    { text: height === null ? '–' : count(height), kind: 'number' },
    { text: heardOf(isOwn, heardSecondsAgo) },
    { text: inFlight === null ? '–' : count(inFlight), kind: 'number' },
    { text: count(connectedPeers), kind: 'number' },
  ]
}

function heardOf(isOwn, secondsAgo) {
  if (isOwn) return 'now'
  return secondsAgo === null ? 'nothing yet' : `${span(secondsAgo)} ago`
}

export function shardsNote({ shardList, shards }) {
  const left = shards - shardList.length
  return `${left > 0 ? `${count(left)} more shards. ` : ''}Heights of other shards are the last that they proved here with a transfer; they are further by now.`
}

export function peerCells({ validator, address, isConnected, queuedBytes, lastError, ...rest }) {
  return [
    { text: `${validator}` },
    isConnected
      ? { text: '● connected', state: 'good' }
      : {
          text: `○ gone${reasonOf(lastError)}`,
          state: 'bad',
          kind: 'reason',
        },
    { text: bytes(queuedBytes), kind: 'number' },
    { text: rest.proposedHeight === null ? '–' : count(rest.proposedHeight), kind: 'number' },
    { text: address ?? '–', kind: 'code' },
  ]
}

/** The system's word where there is one: the sentence around it repeats the address. */
function reasonOf(lastError) {
  if (lastError === null) return ''
  return `: ${/\bE[A-Z]{3,}\b/.exec(lastError)?.[0] ?? lastError}`
}

export function peersNote({ peers, validatorsPerShard }) {
  const left = validatorsPerShard - 1 - peers.length
  return left > 0 ? `${count(left)} more that are connected.` : ''
}

export function blockCells({ height, hash, proposer, ...row }, nowMs) {
  const failed = row.transactions - row.committed
  return [
    { text: count(height), kind: 'number' },
    { text: `${hash.slice(0, 12)}…`, kind: 'code' },
    { text: `${proposer}`, kind: 'number' },
    {
      text: `${count(row.transactions)}${failed > 0 ? `, ${count(failed)} failed` : ''}`,
      kind: 'number',
    },
    { text: count(row.batches), kind: 'number' },
    { text: count(row.imports), kind: 'number' },
    { text: duration(Math.max(0, nowMs - row.timeMs)), kind: 'number' },
  ]
}

export function transactionCells({ tag, height, kind, ...row }) {
  return [
    { text: tag, kind: 'code' },
    { text: count(height), kind: 'number' },
    kind === 'credit'
      ? { text: 'credit', state: 'good' }
      : { text: row.result, state: row.result === 'OK' ? 'good' : 'bad' },
    { text: kind === 'credit' ? `shard ${row.source}` : `validator ${row.author}` },
  ]
}

/** Bars of the chart: heights in percent of the largest, oldest first, padded on the left to 60. */
export function barsOf(perSecond) {
  const largest = Math.max(1, ...perSecond)
  const padded = [...Array.from({ length: 60 - perSecond.length }, () => null), ...perSecond]
  return padded.map((value) => (value === null ? 0 : (100 * value) / largest))
}

/** One second of the chart in words; `index` as in the bars. */
export function barReading(perSecond, index) {
  const value = perSecond[index - (60 - perSecond.length)]
  const when = index === 59 ? 'last second' : `${60 - index} s ago`
  return value === undefined ? `${when}: it did not run` : `${when}: ${count(value)}`
}

export function chartLabel(perSecond) {
  if (perSecond.length === 0) return 'Throughput: no whole second yet'
  const mean = count(rateOf(perSecond, 60) ?? 0)
  return `Throughput by second of the last minute: mean ${mean}, largest ${count(Math.max(...perSecond))}, last ${count(perSecond.at(-1) ?? 0)}. Arrow keys read single seconds.`
}
