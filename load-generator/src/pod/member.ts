import { request as httpRequest } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { RunRequest } from '../assemble.ts'
import type { Measurement } from '../measure.ts'
import { reportOf } from '../share/part-report.ts'
import {
  type Gathering,
  PRESENT_MS_MAX,
  REPORT_MS_MAX,
  REPORT_STOPPED_MS_MAX,
  RunAborted,
  START_AHEAD_MS,
} from './gathering.ts'

const AGAIN_MS = 500

/** What a generator that is not the first one is told. */
export interface MemberOptions {
  /** `host:port` of the first generator. */
  readonly coordinator: string
  readonly run: string
  readonly index: number
  readonly signal: AbortSignal
}

interface Answer {
  readonly status: number
  readonly text: string
}

/** One of several generators, all but the first: it asks the first one, and waits for its answers. */
export class Member implements Gathering {
  readonly #options: MemberOptions

  constructor(options: MemberOptions) {
    this.#options = options
  }

  /** The first one may be started later than this one: until then, nobody answers. */
  async present(): Promise<void> {
    this.#mustBe200(await this.#persistently('/v1/present', null, PRESENT_MS_MAX))
  }

  async start(): Promise<void> {
    try {
      this.#mustBe200(await this.#post('/v1/ready', null))
    } catch (error) {
      if (error instanceof RunAborted) throw error
      throw new RunAborted('the first generator ended before the start', { cause: error })
    }
    // Not a time of day: clocks of machines differ by more than an answer takes.
    await delay(START_AHEAD_MS, undefined, { signal: this.#options.signal })
  }

  async finish(_request: RunRequest, measured: Measurement): Promise<null> {
    const body = await promisify(gzip)(JSON.stringify(reportOf(measured)))
    this.#mustBe200(await this.#persistently('/v1/report', body, REPORT_MS_MAX))
    return null
  }

  #mustBe200({ status, text }: Answer): void {
    if (status !== 200) throw new RunAborted(text.slice(0, 200))
  }

  async #persistently(path: string, body: Buffer | null, limitMs: number): Promise<Answer> {
    const startedMs = performance.now()
    for (;;) {
      try {
        return await this.#post(path, body)
      } catch (error) {
        const isStopped = this.#options.signal.aborted
        const waitMs = isStopped ? Math.min(limitMs, REPORT_STOPPED_MS_MAX) : limitMs
        if (performance.now() - startedMs > waitMs) {
          const why = `the first generator did not answer within ${waitMs / 1_000} s`
          throw new RunAborted(why, { cause: error })
        }
      }
      await delay(AGAIN_MS)
      if (this.#options.signal.aborted && body === null) throw new RunAborted('told to stop')
    }
  }

  async #post(path: string, body: Buffer | null): Promise<Answer> {
    const { coordinator, run, index, signal } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const headers = { 'shardnet-run': run, 'shardnet-generator': String(index) }
    // A part of a run that was interrupted is given in as well.
    const until = body === null ? { signal } : {}
    const url = new URL(path, `http://${coordinator}`)
    const request = httpRequest(url, { method: 'POST', headers, agent: false, ...until })
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk.slice(0, 1_000)))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    request.end(body ?? undefined)
    return promise
  }
}
