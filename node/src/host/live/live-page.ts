import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import { liveView, type LiveReading } from './live-view.ts'

interface Asset {
  readonly file: URL
  readonly type: string
}

/** Addresses inside the page are relative, so that it also works behind a proxy's path. */
const assets: ReadonlyMap<string, Asset> = new Map([
  ['/', asset('page.html', 'text/html')],
  ['/live/page.css', asset('page.css', 'text/css')],
  ['/live/page.js', asset('page.js', 'text/javascript')],
  ['/live/words.js', asset('words.js', 'text/javascript')],
  ['/live/icon.svg', asset('icon.svg', 'image/svg+xml')],
])
const DATA_PATH = '/live/data.json'
/** However many look, the validator is asked this often at most. */
const FRESH_MS = 250

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

/** A page that shows where a testnet stands, and the data behind it. It reads, and never changes anything. */
export class LivePage {
  readonly #read: () => LiveReading
  readonly #nowMs: () => number
  readonly #files = new Map<string, Uint8Array>()
  #data: { readonly bytes: Uint8Array; readonly madeAtMs: number } | null = null

  /** @param nowMs monotonic milliseconds. */
  constructor(read: () => LiveReading, nowMs: () => number = () => performance.now()) {
    this.#read = read
    this.#nowMs = nowMs
  }

  /** Whether a path is the page's or one of its parts. */
  has(path: string): boolean {
    return path === DATA_PATH || assets.has(path)
  }

  /** Answers GET and HEAD of a path that it has. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): void {
    const part = assets.get(path)
    const bytes = part === undefined ? this.#freshData() : this.#fileOf(path, part)
    response.writeHead(200, {
      ...HEADERS,
      'content-type': part?.type ?? 'application/json',
      'content-length': bytes.length,
    })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  }

  #freshData(): Uint8Array {
    const nowMs = this.#nowMs()
    if (this.#data === null || nowMs - this.#data.madeAtMs >= FRESH_MS)
      this.#data = { bytes: Buffer.from(JSON.stringify(liveView(this.#read()))), madeAtMs: nowMs }
    return this.#data.bytes
  }

  /** Read when somebody asks first: a validator that nobody looks at starts without. */
  #fileOf(path: string, { file }: Asset): Uint8Array {
    const known = this.#files.get(path)
    if (known !== undefined) return known
    const bytes = readFileSync(file)
    this.#files.set(path, bytes)
    return bytes
  }
}

function asset(name: string, type: string): Asset {
  return { file: new URL(`./${name}`, import.meta.url), type: `${type}; charset=utf-8` }
}
