import type { Counting } from '../result/counting-shape.ts'
import type { Resources } from '../result/resources-shape.ts'

/** What a rate is divided by. */
export interface CountingFacts {
  readonly committedPerSecond: number
  readonly windowMs: number
  readonly validators: number
  readonly style2018: Counting['style2018']
  readonly clientBytes: number
  /** Committed in the whole run: what `clientBytes` belong to. */
  readonly committed: number
  readonly resources: Resources | null
}

/** The committed rate told per validator, core, signature check and byte. Resources may cover a little more or less than
 * the window: each ratio divides by what was committed while they were used up. */
export function countingOf(facts: CountingFacts): Counting {
  const { committedPerSecond, validators, style2018, resources } = facts
  const inReading =
    resources === null ? 0 : (committedPerSecond * (resources.toMs - resources.fromMs)) / 1_000
  const per = (amount: number): number | null => (inReading > 0 ? amount / inReading : null)
  const each = (amount: number): number | null => (amount > 0 ? inReading / amount : null)
  // Readings of a sample of validators stand for all of them.
  const scale = resources === null ? 1 : validators / Math.max(1, resources.validators)
  const cores = resources?.cores ?? null
  return {
    committedPerSecond,
    style2018,
    perValidatorPerSecond: validators > 0 ? committedPerSecond / validators : 0,
    cores,
    perCorePerSecond: cores === null || cores === 0 ? null : committedPerSecond / cores,
    perCoreSecondUsed: resources === null ? null : each(resources.cpuSeconds * scale),
    signatureChecks: resources === null ? null : Math.round(resources.signatureChecks * scale),
    perSignatureCheck: resources === null ? null : each(resources.signatureChecks * scale),
    networkBytesPerTransaction: resources === null ? null : per(resources.networkSentBytes * scale),
    clientBytesPerTransaction: facts.committed > 0 ? facts.clientBytes / facts.committed : null,
    diskBytesPerTransaction: resources === null ? null : per(resources.diskWrittenBytes * scale),
  }
}
