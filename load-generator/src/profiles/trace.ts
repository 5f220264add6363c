import { z } from 'zod'
import {
  profileOf,
  type Draft,
  type DraftSource,
  type Field,
  type SourceContext,
} from './profile.ts'
import { simpleFields, simplePayloadBytesMax, simpleSources } from './simple-sources.ts'
import { simpleProfileNames } from './table.ts'

const FILE_NAME_MAX = 1_024

const file: Field<string, string> = {
  schema: z
    .string()
    .min(1)
    .max(FILE_NAME_MAX)
    .describe(
      'CSV file with the columns timeMs and kind; relative to where the command is typed, in a cluster a key of `traceConfigMap`.',
    ),
  fallback: '',
  resolve: (name) => name,
}

/** Replays a file of times and kinds: the times are those of the arrivals, the kinds are names of other profiles. */
export const trace = profileOf({
  summary: 'the times and kinds of a CSV file, replayed',
  fields: { ...simpleFields, file },
  source: (settings, context) => new TraceSource(settings, context),
  payloadBytesMax: (settings) => simplePayloadBytesMax(simpleProfileNames, settings),
})

class TraceSource implements DraftSource {
  readonly #kinds: Uint8Array
  readonly #sources: readonly DraftSource[]
  #drawn = 0

  constructor(settings: Readonly<Record<string, unknown>>, context: SourceContext) {
    if (context.trace === null) throw new RangeError('the profile trace needs the rows of its file')
    this.#kinds = context.trace.kinds
    this.#sources = simpleSources(settings, context)
  }

  next(scheduledMs: number): Draft {
    const source = this.#sources[this.#kinds[this.#drawn % this.#kinds.length] ?? 0]
    this.#drawn += 1
    if (source === undefined) throw new RangeError('a trace holds places in the list of profiles')
    return source.next(scheduledMs)
  }
}
