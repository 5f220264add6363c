import type { Reading, ValidatorReading } from '../resources/reading.ts'
import { bucketsBetween, quantileOf } from '../resources/scrape.ts'
import type { Resources } from '../result/resources-shape.ts'

/** A validator at both ends of a stretch of the run. */
interface Pair {
  readonly before: ValidatorReading
  readonly after: ValidatorReading
}

/** What validators used between the readings closest to a window; null when there are no two readings to compare. Pure. */
export function resourcesOf(
  readings: readonly Reading[],
  window: { readonly fromMs: number; readonly toMs: number },
  cores: number | null,
): Resources | null {
  const ends = endsOf(readings, window)
  if (ends === null) return null
  const { first, last, between } = ends
  const pairs = pairsOf(first, last)
  if (pairs.length === 0) return null
  const sum = (of: (reading: ValidatorReading) => number): number =>
    pairs.reduce((total, { before, after }) => total + Math.max(0, of(after) - of(before)), 0)
  const cpu = pairs.map(({ before, after }) => after.cpuSeconds - before.cpuSeconds)
  const seen = between.flatMap(({ validators }) => validators.filter((each) => each !== null))
  const largest = (of: (reading: ValidatorReading) => number): number =>
    seen.reduce((most, reading) => Math.max(most, of(reading)), 0)
  const buckets = bucketsBetween(
    pairs.map(({ before }) => before.fsyncBuckets),
    pairs.map(({ after }) => after.fsyncBuckets),
  )
  const fsyncP99 = quantileOf(buckets, 0.99)
  const machine = [first.machineCpuSeconds, last.machineCpuSeconds] as const
  return {
    fromMs: Math.max(0, first.atMs),
    toMs: Math.max(0, last.atMs),
    validators: pairs.length,
    validatorsMissing: last.validators.length - pairs.length,
    cores,
    cpuSeconds: sum((reading) => reading.cpuSeconds),
    cpuSecondsMax: Math.max(0, ...cpu),
    generatorCpuSeconds: Math.max(0, last.generatorCpuSeconds - first.generatorCpuSeconds),
    machineCpuSeconds:
      machine[0] === null || machine[1] === null ? null : Math.max(0, machine[1] - machine[0]),
    eventLoopDelayP99Ms: largest((reading) => reading.eventLoopDelaySeconds) * 1_000,
    signatureChecks: sum((reading) => reading.signatureChecks),
    signatureSeconds: sum((reading) => reading.signatureSeconds),
    networkSentBytes: sum(sentBytesOf),
    networkQueuedBytesMax: largest((reading) => reading.queuedBytes),
    networkDroppedFrames: sum((reading) => reading.droppedFrames),
    diskWrittenBytes: sum((reading) => reading.writtenBytes),
    fsyncs: sum((reading) => reading.fsyncs),
    fsyncSeconds: sum((reading) => reading.fsyncSeconds),
    fsyncP99Ms: fsyncP99 === null ? null : fsyncP99 * 1_000,
    busyTransactions: sum((reading) => reading.busyTransactions),
    skips: sum((reading) => reading.skips),
  }
}

/** Bytes that a validator sent to its peers, all purposes together. */
function sentBytesOf({ sentBytes }: ValidatorReading): number {
  return sentBytes.consensus + sentBytes.data + sentBytes.sync + sentBytes.crossshard
}

/** The readings closest to the ends of a window, and those after the first up to the last. */
export function endsOf(
  readings: readonly Reading[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): {
  readonly first: Reading
  readonly last: Reading
  readonly between: readonly Reading[]
} | null {
  const closest = (ms: number): Reading | undefined =>
    readings.toSorted((a, b) => Math.abs(a.atMs - ms) - Math.abs(b.atMs - ms))[0]
  const first = closest(fromMs)
  const last = closest(toMs)
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null
  const between = readings.filter(({ atMs }) => atMs > first.atMs && atMs <= last.atMs)
  return { first, last, between }
}

/** Validators that answered at both ends and are the same process: a counter that began anew says nothing. */
export function pairsOf(first: Reading, last: Reading): readonly Pair[] {
  return last.validators.flatMap((after, index) => {
    const before = first.validators[index]
    if (after === null || before === null || before === undefined) return []
    return before.startTimeSeconds === after.startTimeSeconds ? [{ before, after }] : []
  })
}
