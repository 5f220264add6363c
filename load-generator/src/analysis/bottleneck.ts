import type { Bottleneck, ResourceKind, Resources } from '../result/resources-shape.ts'

/** Load from which a resource counts as full; docs/measuring.md says why. */
const LIMITS: Readonly<Record<ResourceKind, number>> = {
  generator: 1,
  cpu: 0.9,
  eventLoop: 1,
  signatures: 0.85,
  network: 1,
  disk: 0.7,
}
/** Event-loop delay that clients feel: a vote waits that long before it is looked at. */
const EVENT_LOOP_DELAY_MS = 200
/** Bytes waiting for one validator's peers that say: the links do not keep up. */
const QUEUED_BYTES = 4 * 1_024 * 1_024
const NAMES: Readonly<Record<ResourceKind, string>> = {
  generator: 'the load generator',
  cpu: 'the processor',
  eventLoop: 'the main thread of a validator',
  signatures: 'the signature workers',
  network: 'the network between validators',
  disk: 'the disk',
}

/** What bottlenecks are told from. */
export interface BottleneckFacts {
  readonly resources: Resources | null
  /** Largest lateness that 99 % of the sends stayed below, and the limit for it. */
  readonly latenessP99Ms: number | null
  readonly latenessLimitMs: number
  /** Part of the schedule that never left. */
  readonly unsentShare: number
  readonly unsentLimit: number
}

type Load = Bottleneck['loads'][number]

/**
 * Names the resource that was full, by rules: the generator first, because everything behind it is its doing; then the
 * one furthest above its limit; the processor before what suffers from it.
 */
export function bottleneckOf(facts: BottleneckFacts): Bottleneck {
  const { resources } = facts
  const loads = [generatorLoad(facts), ...(resources === null ? [] : loadsOf(resources))].toSorted(
    (a, b) => fullness(b) - fullness(a),
  )
  const generator = loads.find(({ kind }) => kind === 'generator')
  if (generator !== undefined && fullness(generator) > 1) return named(generator, loads)
  if (resources === null || resources.validators === 0) {
    const text = 'No validator’s metrics could be read.'
    return { kind: 'unknown', text, loads }
  }
  const full = loads.filter((load) => fullness(load) >= 1)
  const [first] = loads
  const cpu = full.find(({ kind }) => kind === 'cpu')
  const signatures = loads.find(({ kind }) => kind === 'signatures')
  // A full processor delays every thread; what to mend is whatever takes most of it.
  if (cpu !== undefined) {
    const share = signatureShareOf(resources)
    if (share > 0.5 && signatures !== undefined) {
      const text = `The processor was full, ${percent(share)} of it checking signatures.`
      return { kind: 'signatures', text, loads }
    }
    return named(cpu, loads)
  }
  if (full[0] !== undefined) return named(full[0], loads)
  if (first === undefined) return { kind: 'unknown', text: 'Nothing was measured.', loads }
  const text = `Nothing was full; closest came ${NAMES[first.kind]}: ${first.text}.`
  return { kind: 'none', text, loads }
}

function named(load: Load, loads: Load[]): Bottleneck {
  return { kind: load.kind, text: `Full: ${NAMES[load.kind]}; ${load.text}.`, loads }
}

function fullness({ load, limit }: Load): number {
  return (load ?? 0) / limit
}

function generatorLoad(facts: BottleneckFacts): Load {
  const { latenessP99Ms, latenessLimitMs, unsentShare, unsentLimit } = facts
  const load = Math.max((latenessP99Ms ?? 0) / latenessLimitMs, unsentShare / unsentLimit)
  const late =
    latenessP99Ms === null
      ? 'nothing was sent'
      : `1 % of the sends left ${time(latenessP99Ms)} late or later`
  const text = unsentShare > 0 ? `${late}, ${percent(unsentShare)} never left` : late
  return { kind: 'generator', load, limit: LIMITS.generator, text }
}

function loadsOf(resources: Resources): Load[] {
  const seconds = (resources.toMs - resources.fromMs) / 1_000
  const { validators } = resources
  if (seconds <= 0 || validators === 0) return []
  return [
    cpuLoad(resources, seconds),
    eventLoopLoad(resources),
    {
      kind: 'signatures',
      load: resources.signatureSeconds / (seconds * validators),
      limit: LIMITS.signatures,
      text: `signature workers were busy ${percent(resources.signatureSeconds / (seconds * validators))} of the time`,
    },
    networkLoad(resources),
    {
      kind: 'disk',
      load: resources.fsyncSeconds / (seconds * validators),
      limit: LIMITS.disk,
      text: `validators waited ${percent(resources.fsyncSeconds / (seconds * validators))} of the time for their disk`,
    },
  ]
}

function cpuLoad(resources: Resources, seconds: number): Load {
  const { cores, machineCpuSeconds, cpuSeconds } = resources
  if (cores === null || cores === 0) {
    const text = `the busiest validator used ${(resources.cpuSecondsMax / seconds).toFixed(2)} cores; how many it had is not known`
    return { kind: 'cpu', load: null, limit: LIMITS.cpu, text }
  }
  const used = machineCpuSeconds ?? cpuSeconds
  const load = used / (cores * seconds)
  const text = `${percent(load)} of ${cores} cores were used`
  return { kind: 'cpu', load, limit: LIMITS.cpu, text }
}

function eventLoopLoad({ eventLoopDelayP99Ms }: Resources): Load {
  const load = eventLoopDelayP99Ms === null ? null : eventLoopDelayP99Ms / EVENT_LOOP_DELAY_MS
  const text =
    eventLoopDelayP99Ms === null
      ? 'not measured'
      : `1 % of the turns of a main thread came ${time(eventLoopDelayP99Ms)} late or later`
  return { kind: 'eventLoop', load, limit: LIMITS.eventLoop, text }
}

function networkLoad({ networkQueuedBytesMax, networkDroppedFrames }: Resources): Load {
  const queued = networkQueuedBytesMax / QUEUED_BYTES
  const load = networkDroppedFrames > 0 ? Math.max(1, queued) : queued
  const text = `at most ${(networkQueuedBytesMax / 1_000).toFixed(0)} kB waited for peers, ${networkDroppedFrames} frames were dropped`
  return { kind: 'network', load, limit: LIMITS.network, text }
}

function signatureShareOf({ signatureSeconds, cpuSeconds }: Resources): number {
  return cpuSeconds > 0 ? Math.min(1, signatureSeconds / cpuSeconds) : 0
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`
}

function time(ms: number): string {
  return ms >= 1_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms)} ms`
}
