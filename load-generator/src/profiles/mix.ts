import { z } from 'zod'
import { checkedDurationMs, Duration } from '../duration.ts'
import { Random } from '../random.ts'
import { profileOf, type DraftSource, type Field, type SourceContext } from './profile.ts'
import { simpleFields, simplePayloadBytesMax, simpleSources } from './simple-sources.ts'
import { simpleProfileNames, type SimpleProfileName } from './table.ts'

const WEIGHT_MAX = 1_000

/** How much of each profile; those left out have none. */
type Weights = Readonly<Partial<Record<SimpleProfileName, number | undefined>>>

interface WrittenPhase {
  readonly for: string
  readonly weights: Weights
}

/** A stretch of the run with its own weights. */
interface MixPhase {
  readonly forMs: number
  readonly weights: Weights
}

const weight = z.int().min(0).max(WEIGHT_MAX).optional()
const WeightsSpec = z
  .strictObject(weightShape())
  .refine(
    (weights) => Object.values(weights).some((each) => typeof each === 'number' && each > 0),
    'expected at least one weight above 0',
  )

function weightShape(): Record<SimpleProfileName, typeof weight> {
  const entries = simpleProfileNames.map(
    (name) => [name, weight.describe(`Weight of ${name}.`)] as const,
  )
  // One entry for each name of the list.
  return Object.fromEntries(entries) as Record<SimpleProfileName, typeof weight>
}

const phases: Field<readonly WrittenPhase[], readonly MixPhase[]> = {
  schema: z
    .array(
      z.strictObject({
        for: Duration.describe('How long these weights hold.'),
        weights: WeightsSpec.describe('How much of each profile, in proportion.'),
      }),
    )
    .min(1)
    .max(1_000)
    .describe('Weights of the profiles, phase after phase; after the last the first comes again.'),
  fallback: [{ for: '10s', weights: { payments: 70, 'hot-account': 10, cells: 15, blob: 5 } }],
  resolve: (written) =>
    written.map((phase) => ({ forMs: checkedDurationMs(phase.for), weights: phase.weights })),
}

/** Other profiles by weights that may change from phase to phase. */
export const mix = profileOf({
  summary: 'other profiles by weights, phase after phase',
  fields: { ...simpleFields, phases },
  source: (settings, context) => new MixSource(settings.phases, settings, context),
  payloadBytesMax: (settings) => {
    const used = simpleProfileNames.filter((name) =>
      settings.phases.some(({ weights }) => (weights[name] ?? 0) > 0),
    )
    return simplePayloadBytesMax(used, settings)
  },
})

class MixSource implements DraftSource {
  readonly #phases: readonly MixPhase[]
  readonly #totalMs: number
  readonly #sources: readonly DraftSource[]
  readonly #random: Random

  constructor(
    mixPhases: readonly MixPhase[],
    settings: Readonly<Record<string, unknown>>,
    context: SourceContext,
  ) {
    this.#phases = mixPhases
    this.#totalMs = mixPhases.reduce((total, { forMs }) => total + forMs, 0)
    this.#sources = simpleSources(settings, context)
    this.#random = new Random(context.seed, 'mix')
  }

  next(scheduledMs: number): ReturnType<DraftSource['next']> {
    const weights = this.#weightsAt(scheduledMs)
    const total = simpleProfileNames.reduce((sum, name) => sum + (weights[name] ?? 0), 0)
    let left = this.#random.unit() * total
    const chosen = simpleProfileNames.findIndex((name) => (left -= weights[name] ?? 0) < 0)
    const source = this.#sources[chosen]
    if (source === undefined) throw new RangeError('the weights of a phase add up to more than 0')
    return source.next(scheduledMs)
  }

  #weightsAt(scheduledMs: number): Weights {
    let left = scheduledMs % this.#totalMs
    for (const { forMs, weights } of this.#phases) {
      if (left < forMs) return weights
      left -= forMs
    }
    return this.#phases.at(-1)?.weights ?? {}
  }
}
