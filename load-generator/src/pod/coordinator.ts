import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { RunRequest } from '../assemble.ts'
import type { Measurement } from '../measure.ts'
import type { LoadResult } from '../result.ts'
import { PartReport, resultOfParts } from '../share/part-report.ts'
import {
  type Gathering,
  PRESENT_MS_MAX,
  READY_MS_MAX,
  REPORT_MS_MAX,
  START_AHEAD_MS,
} from './gathering.ts'
import { Meeting } from './meeting.ts'

const REPORT_BYTES_MAX = 32 * 2 ** 20
const REPORT_TEXT_BYTES_MAX = 256 * 2 ** 20

/** What the coordinator is told. */
export interface CoordinatorOptions {
  /** Tells this run from others: nobody else's words count. */
  readonly run: string
  readonly of: number
  readonly signal: AbortSignal
}

/**
 * The first of several generators: the others ask it over HTTP, and wait for its answer. A connection that ends before its
 * answer is a generator that ended, and the end of the run, said to all.
 */
export class Coordinator implements Gathering {
  readonly #options: CoordinatorOptions
  readonly #present: Meeting
  readonly #ready: Meeting
  readonly #reported: Meeting
  readonly #reports = new Map<number, PartReport>()

  constructor(options: CoordinatorOptions) {
    const { of } = options
    this.#options = options
    this.#present = new Meeting(of, 'was not there')
    this.#ready = new Meeting(of, 'was not ready')
    this.#reported = new Meeting(of, 'did not give its part in')
  }

  async present(): Promise<void> {
    this.#present.arrive(0)
    await this.#within(this.#present, PRESENT_MS_MAX)
  }

  async start(): Promise<void> {
    this.#ready.arrive(0)
    await this.#within(this.#ready, READY_MS_MAX)
    await delay(START_AHEAD_MS, undefined, { signal: this.#options.signal })
  }

  async finish(request: RunRequest, measured: Measurement): Promise<LoadResult> {
    this.#reported.arrive(0)
    await this.#within(this.#reported, REPORT_MS_MAX)
    return resultOfParts(request, measured, [...this.#reports.values()])
  }

  /** Answers a request of another generator; what is none of them is refused. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const index = this.#indexOf(request)
    if (request.method !== 'POST' || index === null) return say(response, 404, 'no such thing')
    if (request.url === '/v1/report') return this.#take(request, response, index)
    const meeting = { '/v1/present': this.#present, '/v1/ready': this.#ready }[request.url ?? '']
    if (meeting === undefined) return say(response, 404, 'no such thing')
    return this.#let(response, meeting, index)
  }

  /** Waits with one that came; when it goes before all are there, nobody goes on. */
  async #let(response: ServerResponse, meeting: Meeting, index: number): Promise<void> {
    response.once('close', () => {
      if (response.writableFinished) return
      for (const each of [this.#present, this.#ready]) each.leave(index)
    })
    meeting.arrive(index)
    try {
      await meeting.over
      say(response, 200, 'go')
    } catch (error) {
      say(response, 409, error instanceof Error ? error.message : String(error))
    }
  }

  async #take(request: IncomingMessage, response: ServerResponse, index: number): Promise<void> {
    const body = await bodyOf(request)
    const text = body === null ? null : await inflated(body)
    const parsed = text === null ? null : PartReport.safeParse(parsedJson(text))
    if (parsed?.success !== true) return say(response, 400, 'a report that cannot be read')
    this.#reports.set(index, parsed.data)
    this.#reported.arrive(index)
    return say(response, 200, 'taken')
  }

  /** The others have numbers from 1 on, and know the run. */
  #indexOf({ headers }: IncomingMessage): number | null {
    const { run, of } = this.#options
    const index = Number(headers['shardnet-generator'])
    const isOurs = headers['shardnet-run'] === run
    return isOurs && Number.isInteger(index) && index > 0 && index < of ? index : null
  }

  async #within(meeting: Meeting, limitMs: number): Promise<void> {
    const { signal } = this.#options
    const stopped = (): void => meeting.giveUp('the first generator was told to stop')
    const timer = setTimeout(() => meeting.giveUpAfter(limitMs), limitMs)
    signal.addEventListener('abort', stopped, { once: true })
    if (signal.aborted) stopped()
    try {
      await meeting.over
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stopped)
    }
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'text/plain' })
  response.end(text)
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > REPORT_BYTES_MAX) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function inflated(body: Buffer): Promise<string | null> {
  try {
    const bytes = await promisify(gunzip)(body, { maxOutputLength: REPORT_TEXT_BYTES_MAX })
    return bytes.toString('utf8')
  } catch {
    // Whatever it is, it is no report.
    return null
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
