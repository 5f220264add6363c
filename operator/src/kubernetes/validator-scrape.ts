import { request } from 'node:http'

/** What one validator's metrics tell. */
export interface Scrape {
  readonly height: number
  /** Results of executed transactions since its start. */
  readonly results: number
  /** Batches committed within each bound, in seconds: cumulative, ascending. */
  readonly orderSeconds: readonly { readonly bound: number; readonly count: number }[]
}

const ANSWER_MS = 2_000
const ANSWER_BYTES_MAX = 4 * 2 ** 20

/** Asks a validator for its metrics; null when it does not answer in time or in this language. */
export async function scrapeValidator(host: string, port: number): Promise<Scrape | null> {
  try {
    return parseScrape(await bodyOf(host, port))
  } catch {
    return null // It may be starting, or out of reach from here: its figures are unknown, which is no fault.
  }
}

/** The figures in a text exposition; null when it is not that of a validator. */
export function parseScrape(text: string): Scrape | null {
  let height: number | null = null
  let results = 0
  const bounds = new Map<number, number>()
  for (const line of text.split('\n')) {
    const match = /^(shardnet_[a-z0-9_]+)(?:\{([^}]*)\})? ([-+0-9.e]+)$/.exec(line)
    if (match === null) continue
    const [, name, labels = '', value] = match
    if (name === 'shardnet_consensus_committed_height') height = Number(value)
    else if (name === 'shardnet_ledger_results_total') results += Number(value)
    else if (name === 'shardnet_batches_order_seconds_bucket') {
      const le = /(?:^|,)le="([^"]+)"/.exec(labels)?.[1] ?? '+Inf'
      bounds.set(le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), Number(value))
    }
  }
  if (height === null) return null
  const orderSeconds = [...bounds]
    .map(([bound, count]) => ({ bound, count }))
    .sort((one, other) => one.bound - other.bound)
  return { height, results, orderSeconds }
}

function bodyOf(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const sent = request({ host, port, path: '/metrics', signal }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
        if (text.length > ANSWER_BYTES_MAX) response.destroy(new Error('too long an answer'))
      })
      response.once('end', () => resolve(text))
      response.once('error', reject)
    })
    sent.once('error', reject)
    sent.end()
  })
}
