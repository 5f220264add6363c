import { Transform, type TransformCallback } from 'node:stream'
import type { WatchEvent, WatchFate } from './interference.ts'

/** Takes a watch apart into its events, one JSON document a line, and lets through what `decide` says. Emits `cut`. */
export class WatchFilter extends Transform {
  readonly #decide: (event: WatchEvent) => WatchFate | undefined
  #rest: Buffer = Buffer.alloc(0)

  constructor(decide: (event: WatchEvent) => WatchFate | undefined) {
    super()
    this.#decide = decide
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (let end = this.#rest.indexOf(10); end !== -1; end = this.#rest.indexOf(10)) {
      const line = this.#rest.subarray(0, end + 1)
      this.#rest = this.#rest.subarray(end + 1)
      const fate = this.#decide(eventOf(line)) ?? 'pass'
      if (fate === 'cut') {
        this.emit('cut')
        break
      }
      if (fate === 'pass') this.push(line)
    }
    done()
  }

  override _flush(done: TransformCallback): void {
    if (this.#rest.length > 0) this.push(this.#rest)
    done()
  }
}

function eventOf(line: Buffer): WatchEvent {
  const { type, object } = JSON.parse(line.toString('utf8')) as {
    readonly type: string
    readonly object: {
      readonly kind?: string
      readonly metadata?: { readonly namespace?: string; readonly name?: string }
    }
  }
  return {
    type,
    kind: object.kind ?? '',
    namespace: object.metadata?.namespace ?? '',
    name: object.metadata?.name ?? '',
  }
}
