import type { LoadProgress } from '@shardnet/load-generator'
import { styleText } from 'node:util'
import { barText, clockText, countText, latencyText, tableText } from './format.ts'

/** Shows a run to people: redrawn in place on a terminal, a line now and then elsewhere. */
export interface RunView {
  /** A line that stays. */
  say(text: string): void
  /** What is going on, while there are no figures. */
  phase(text: string): void
  progress(progress: LoadProgress, totalMs: number): void
  /** Leaves what was said and removes what was drawn. */
  close(): void
}

const DRAW_EVERY_MS = 200
const LINE_EVERY_MS = 5_000

/** The view that fits a stream. The drawing library is loaded on terminals only. */
export async function openRunView(stream: NodeJS.WriteStream): Promise<RunView> {
  if (!stream.isTTY) return lineView(stream)
  const { createLogUpdate } = await import('log-update')
  return terminalView(stream, createLogUpdate(stream))
}

interface Drawing {
  (text: string): void
  clear(): void
  done(): void
}

function terminalView(stream: NodeJS.WriteStream, draw: Drawing): RunView {
  let drawnAt = Number.NEGATIVE_INFINITY
  return {
    say(text) {
      draw.clear()
      stream.write(`${text}\n`)
    },
    phase: (text) => draw(dim(stream, text)),
    progress(progress, totalMs) {
      const now = performance.now()
      if (now - drawnAt < DRAW_EVERY_MS) return
      drawnAt = now
      draw(pictureOf(stream, progress, totalMs))
    },
    close() {
      draw.clear()
      draw.done()
    },
  }
}

function lineView(stream: NodeJS.WriteStream): RunView {
  let saidAt = performance.now()
  const say = (text: string) => void stream.write(`${text}\n`)
  return {
    say,
    phase: say,
    progress(progress, totalMs) {
      const now = performance.now()
      if (now - saidAt < LINE_EVERY_MS) return
      saidAt = now
      say(lineOf(progress, totalMs))
    },
    close: () => undefined,
  }
}

/** All figures in one line. */
function lineOf(progress: LoadProgress, totalMs: number): string {
  const { elapsedMs, heights, committedPerSecond, committed, inFlight, p50Ms, p99Ms } = progress
  const parts = [
    `${clockText(elapsedMs)} of ${clockText(totalMs)}`,
    `${heights.length} shards`,
    `height ${heights.join('/')}`,
    `${countText(committedPerSecond)} committed/s`,
    `${countText(committed)} committed`,
    `${countText(inFlight)} in flight`,
    `p50 ${latencyText(p50Ms)}`,
    `p99 ${latencyText(p99Ms)}`,
  ]
  return parts.join('  ')
}

function pictureOf(stream: NodeJS.WriteStream, progress: LoadProgress, totalMs: number): string {
  const { elapsedMs, heights, committedPerSecond, committed, inFlight, p50Ms, p99Ms, failed } =
    progress
  const leftMs = totalMs - elapsedMs
  const left = leftMs > 0 ? `${clockText(leftMs)} left` : 'waiting for the last ones'
  const rows = [
    [
      'Shards',
      String(heights.length),
      'Committed/s',
      countText(committedPerSecond),
      'p50',
      latencyText(p50Ms),
    ],
    ['Height', heights.join(' '), 'Committed', countText(committed), 'p99', latencyText(p99Ms)],
    ['In flight', countText(inFlight), 'Failed', countText(failed), '', ''],
  ]
  return `\n${tableText(rows)}\n${bar(stream, elapsedMs / totalMs)} ${left}\n`
}

function bar(stream: NodeJS.WriteStream, share: number): string {
  return coloured(stream, 'cyan', barText(share))
}

function dim(stream: NodeJS.WriteStream, text: string): string {
  return coloured(stream, 'dim', text)
}

/** NO_COLOR, FORCE_COLOR and the terminal decide. */
export function coloured(
  stream: NodeJS.WriteStream,
  style: 'bold' | 'dim' | 'cyan' | 'green' | 'red' | 'yellow',
  text: string,
): string {
  return styleText(style, text, { stream, validateStream: true })
}
