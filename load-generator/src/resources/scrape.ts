/** One scrape of a validator's metrics: sums over series of a name, and quantiles of its histograms. */
export interface Scrape {
  /** Sum over all series with the labels. */
  total(name: string, labels?: Readonly<Record<string, string>>): number
  /** Cumulative counts of a histogram by upper bound. */
  buckets(name: string): ReadonlyMap<number, number>
}

interface Sample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

/** Scrapes a validator at `host:port`. */
export async function scrape(httpAddress: string, signal: AbortSignal): Promise<Scrape> {
  const response = await fetch(`http://${httpAddress}/metrics`, { signal })
  return scrapeOf(await response.text())
}

/** Reads the text exposition format. */
export function scrapeOf(text: string): Scrape {
  const samples = text.split('\n').flatMap(sampleOf)
  return {
    total: (name, labels = {}) =>
      samples
        .filter((sample) => sample.name === name && hasLabels(sample, labels))
        .reduce((sum, { value }) => sum + value, 0),
    buckets: (name) =>
      new Map(
        samples
          .filter((sample) => sample.name === `${name}_bucket`)
          .map(({ labels, value }) => [boundOf(labels.get('le')), value]),
      ),
  }
}

function sampleOf(line: string): readonly Sample[] {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
  if (match === null) return []
  const [, name = '', labelText = '', value = ''] = match
  const pairs = [...labelText.matchAll(/(\w+)="([^"]*)"/g)]
  const labels = new Map(pairs.map(([, key = '', text = '']) => [key, text]))
  return [{ name, labels, value: Number(value) }]
}

function hasLabels({ labels }: Sample, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => labels.get(key) === value)
}

function boundOf(text: string | undefined): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text)
}

/** What several histograms observed between two looks: counts by upper bound, summed. */
export function bucketsBetween(
  before: readonly ReadonlyMap<number, number>[],
  after: readonly ReadonlyMap<number, number>[],
): ReadonlyMap<number, number> {
  const sums = new Map<number, number>()
  for (const [index, buckets] of after.entries()) {
    for (const [bound, count] of buckets)
      sums.set(bound, (sums.get(bound) ?? 0) + count - (before[index]?.get(bound) ?? 0))
  }
  return sums
}

/** A quantile between 0 and 1, interpolated inside its bucket; null when nothing was observed. */
export function quantileOf(buckets: ReadonlyMap<number, number>, quantile: number): number | null {
  const sorted = [...buckets].toSorted(([a], [b]) => a - b)
  const count = sorted.at(-1)?.[1] ?? 0
  if (count === 0) return null
  let lower = { bound: 0, count: 0 }
  for (const [bound, upTo] of sorted) {
    if (upTo >= quantile * count) {
      if (bound === Number.POSITIVE_INFINITY) return lower.bound
      const share = (quantile * count - lower.count) / Math.max(1, upTo - lower.count)
      return lower.bound + share * (bound - lower.bound)
    }
    lower = { bound, count: upTo }
  }
  return lower.bound
}
