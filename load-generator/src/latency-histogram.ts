import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'

/** Bins per factor of two of the drawn histogram: each is 9 % wide. */
const BINS_PER_OCTAVE = 8
const BINS = 40 * BINS_PER_OCTAVE

/** What people ask of a distribution of times, in milliseconds. */
export interface LatencySummary {
  readonly count: number
  readonly meanMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

/** One bar of a drawn histogram. */
export interface LatencyBin {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
}

/** A distribution as data, of which nothing is lost. */
export interface HistogramRecord {
  /** HdrHistogram V2, compressed, base64. */
  readonly encoded: string
  /** Drawn bins from the first that is not empty. */
  readonly firstBin: number
  readonly bins: readonly number[]
  /** To the microsecond: what is encoded knows it to three digits. */
  readonly maxMicroseconds: number
}

/** Distribution of times at microsecond resolution (HDR histogram): fixed error, mergeable, as text for the result file. */
export class LatencyHistogram {
  readonly #histogram: Histogram
  readonly #bins: Float64Array
  #maxMicroseconds = 0

  /** `digits`: significant decimal digits that are kept. */
  constructor(digits: 2 | 3 = 3) {
    this.#histogram = build({ bitBucketSize: 64, numberOfSignificantValueDigits: digits })
    this.#bins = new Float64Array(BINS)
  }

  get count(): number {
    return this.#histogram.totalCount
  }

  /** A time below zero can only be a rounding of the clock and counts as zero. */
  recordMs(ms: number): void {
    const microseconds = Math.max(0, Math.round(ms * 1_000))
    this.#histogram.recordValue(microseconds)
    this.#maxMicroseconds = Math.max(this.#maxMicroseconds, microseconds)
    const bin = Math.min(
      BINS - 1,
      Math.floor(Math.log2(Math.max(1, microseconds)) * BINS_PER_OCTAVE),
    )
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1
  }

  add(other: LatencyHistogram): void {
    this.#histogram.add(other.#histogram)
    this.#maxMicroseconds = Math.max(this.#maxMicroseconds, other.#maxMicroseconds)
    for (let bin = 0; bin < BINS; bin++)
      this.#bins[bin] = (this.#bins[bin] ?? 0) + (other.#bins[bin] ?? 0)
  }

  /** The time that `percentile` percent of all are at or below; null when there are none. */
  percentileMs(percentile: number): number | null {
    if (this.count === 0) return null
    return Math.min(this.#histogram.getValueAtPercentile(percentile), this.#maxMicroseconds) / 1_000
  }

  /** Null when nothing was recorded: an absent latency is no latency of zero. */
  summary(): LatencySummary | null {
    if (this.count === 0) return null
    const at = (percentile: number): number => this.percentileMs(percentile) ?? 0
    return {
      count: this.count,
      meanMs: this.#histogram.mean / 1_000,
      p50Ms: at(50),
      p90Ms: at(90),
      p99Ms: at(99),
      p999Ms: at(99.9),
      maxMs: this.#maxMicroseconds / 1_000,
    }
  }

  /** The bars from the first to the last that is not empty. */
  bins(): LatencyBin[] {
    const counts = Array.from(this.#bins)
    const first = counts.findIndex((count) => count > 0)
    if (first < 0) return []
    const last = counts.findLastIndex((count) => count > 0)
    const edgeMs = (bin: number): number => 2 ** (bin / BINS_PER_OCTAVE) / 1_000
    return counts
      .slice(first, last + 1)
      .map((count, i) => ({ fromMs: edgeMs(first + i), toMs: edgeMs(first + i + 1), count }))
  }

  record(): HistogramRecord {
    const bins = Array.from(this.#bins)
    const firstBin = Math.max(
      0,
      bins.findIndex((count) => count > 0),
    )
    const lastBin = bins.findLastIndex((count) => count > 0)
    return {
      encoded: this.encoded(),
      firstBin,
      bins: bins.slice(firstBin, lastBin + 1),
      maxMicroseconds: this.#maxMicroseconds,
    }
  }

  /** Adds what another process recorded. */
  addRecord({ encoded, firstBin, bins, maxMicroseconds }: HistogramRecord): void {
    this.#histogram.add(decodeFromCompressedBase64(encoded, 64))
    this.#maxMicroseconds = Math.max(this.#maxMicroseconds, maxMicroseconds)
    for (const [i, count] of bins.entries()) {
      const bin = Math.min(BINS - 1, firstBin + i)
      this.#bins[bin] = (this.#bins[bin] ?? 0) + count
    }
  }

  /** The format HdrHistogram V2, compressed, as base64: every HDR tool reads and merges it. */
  encoded(): string {
    return encodeIntoCompressedBase64(this.#histogram)
  }
}

/** Percentile of an encoded histogram, in milliseconds. */
export function encodedPercentileMs(encoded: string, percentile: number): number {
  return decodeFromCompressedBase64(encoded).getValueAtPercentile(percentile) / 1_000
}
