import { PORTS } from '../objects/names.ts'
import { figuresOf, type Reading, type ShardReading } from '../plan/shard-figures.ts'
import { type ShardPlan, validatorsOf } from '../plan/shard-plan.ts'
import { type Figures, NO_FIGURES } from '../plan/shard-status.ts'
import { scrapeValidator } from './validator-scrape.ts'

interface Memory {
  readonly reading: ShardReading
  readonly figures: Figures
  /** Scrapes in a row that no validator answered. */
  readonly silences: number
}

const EVERY_MS = 25_000
/** Validators out of reach, as fake ones are, are asked less and less. */
const EVERY_MS_MAX = 600_000
/** How many validators of a shard are asked for its figures. */
const ASKED_MAX = 4

/** Asks validators for their figures, by the names that their headless Service gives them. */
export class ShardScraper {
  readonly #memories = new Map<string, Memory>()

  /** The figures of a shard, fresh or from the last time. `key` names the Shard. */
  async figures(key: string, shard: ShardPlan, namespace: string): Promise<Figures> {
    const known = this.#memories.get(key)
    const nowMs = Date.now()
    if (known !== undefined && nowMs - known.reading.atMs < this.#pauseMs(known)) {
      return known.figures
    }
    const all = validatorsOf(shard)
    // Others each time, so that one that lags is found although not all are asked.
    const from = Math.floor(nowMs / EVERY_MS) % Math.max(1, all.length)
    const asked = [...all.slice(from), ...all.slice(0, from)].slice(0, ASKED_MAX)
    const names = all.length <= ASKED_MAX ? all : asked
    const readings = await readingsOf(
      names.map(({ name }) => name),
      shard,
      namespace,
    )
    const reading = { atMs: nowMs, of: readings }
    const figures = figuresOf(known?.reading ?? null, reading, known?.figures ?? NO_FIGURES)
    const silences = readings.size === 0 ? (known?.silences ?? 0) + 1 : 0
    this.#memories.set(key, { reading, figures, silences })
    return figures
  }

  /** Heights of all validators of a set, of those that answer, by name: what a rollout waits for. */
  async heights(shard: ShardPlan, namespace: string): Promise<ReadonlyMap<string, number>> {
    const names = validatorsOf(shard).map(({ name }) => name)
    const readings = await readingsOf(names, shard, namespace)
    return new Map([...readings].map(([name, { height }]) => [name, height]))
  }

  forget(key: string): void {
    this.#memories.delete(key)
  }

  #pauseMs({ silences }: Memory): number {
    return Math.min(EVERY_MS_MAX, EVERY_MS * 2 ** Math.min(silences, 10))
  }
}

async function readingsOf(
  names: readonly string[],
  shard: ShardPlan,
  namespace: string,
): Promise<Map<string, Reading>> {
  const answers = await Promise.all(
    names.map(async (name) => {
      const host = `${name}.${shard.name}.${namespace}.svc`
      return [name, await scrapeValidator(host, PORTS.http)] as const
    }),
  )
  return new Map(answers.flatMap(([name, reading]) => (reading === null ? [] : [[name, reading]])))
}
