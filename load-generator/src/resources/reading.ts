import { catalogue } from '@shardnet/node/metrics'
import type { Scrape } from './scrape.ts'

/** Purposes of the frames between validators: labels of the metric. */
export const networkPurposes = catalogue.bytesSent.labels.purpose
export type NetworkPurpose = (typeof networkPurposes)[number]

/** What one validator's metrics said at one moment; counters since its start. */
export interface ValidatorReading {
  readonly shard: number
  readonly validator: number
  /** Tells a validator from the one that was started in its place. */
  readonly startTimeSeconds: number
  readonly cpuSeconds: number
  /** 99th percentile since the reading before. */
  readonly eventLoopDelaySeconds: number
  readonly signatureChecks: number
  readonly signatureSeconds: number
  readonly sentBytes: Readonly<Record<NetworkPurpose, number>>
  readonly queuedBytes: number
  readonly droppedFrames: number
  readonly writtenBytes: number
  readonly fsyncs: number
  readonly fsyncSeconds: number
  readonly fsyncBuckets: ReadonlyMap<number, number>
  readonly busyTransactions: number
  readonly skips: number
}

/** All validators that were asked at one moment of a run. */
export interface Reading {
  readonly atMs: number
  /** In the order in which they are asked; null where none answered. */
  readonly validators: readonly (ValidatorReading | null)[]
  readonly generatorCpuSeconds: number
  /** Of the whole machine, where generator and validators share one. */
  readonly machineCpuSeconds: number | null
}

/** The totals that resources are counted from. Names come from the validators' own catalogue. */
export function readingOf(
  seat: { shard: number; validator: number },
  scrape: Scrape,
): ValidatorReading {
  const total = ({ name }: { readonly name: string }, labels?: Readonly<Record<string, string>>) =>
    scrape.total(name, labels)
  const sumOf = ({ name }: { readonly name: string }) => scrape.total(`${name}_sum`)
  const sent = (purpose: NetworkPurpose) => total(catalogue.bytesSent, { purpose })
  return {
    shard: seat.shard,
    validator: seat.validator,
    startTimeSeconds: total(catalogue.startTimeSeconds),
    cpuSeconds: total(catalogue.cpuSeconds),
    eventLoopDelaySeconds: total(catalogue.eventLoopDelaySeconds),
    signatureChecks: total(catalogue.signaturesChecked),
    signatureSeconds: total(catalogue.signatureCpuSeconds),
    sentBytes: {
      consensus: sent('consensus'),
      data: sent('data'),
      sync: sent('sync'),
      crossshard: sent('crossshard'),
    },
    queuedBytes: total(catalogue.queuedBytes),
    // What a fault injection drops is no fault of the network.
    droppedFrames: total(catalogue.framesDropped, { reason: 'queueFull' }),
    writtenBytes: total(catalogue.logWritten),
    fsyncs: total(catalogue.fsyncs),
    fsyncSeconds: sumOf(catalogue.fsyncSeconds),
    fsyncBuckets: scrape.buckets(catalogue.fsyncSeconds.name),
    busyTransactions: total(catalogue.busy),
    skips: total(catalogue.skips),
  }
}
