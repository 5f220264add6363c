/** What one series of a rule stands for. It is the first word of the rule's name, as Prometheus' convention asks. */
export type Level = 'instance' | 'shard' | 'testnet'

/** A series that Prometheus computes, so that panels and alerts read one definition. */
export interface RecordingRule {
  /** `level:metric:operation` */
  readonly record: string
  readonly expression: string
  /** Grafana's name of the unit. */
  readonly unit: string
  readonly help: string
}

/** Labels that the series of a level have, beside those that the rule adds. */
export const levelLabels: Readonly<Record<Level, readonly string[]>> = {
  instance: ['cluster', 'testnet', 'job', 'shard', 'instance'],
  // A shard may have validators in several clusters, a testnet has.
  shard: ['testnet', 'job', 'shard'],
  testnet: ['testnet', 'job'],
}

/** The level of a recorded name; undefined for the name of an exported metric. */
export function levelOf(name: string): Level | undefined {
  const level = name.includes(':') ? name.slice(0, name.indexOf(':')) : ''
  return level === 'instance' || level === 'shard' || level === 'testnet' ? level : undefined
}

/** Over how long rates are taken. A window needs four scrapes in it. */
export interface RuleWindows {
  /** What happens now: for a scrape interval up to a quarter of it. */
  readonly now: string
  /** Percentiles and shares, which need more events. */
  readonly steady: string
}

/** For scrape intervals up to 30 s. */
export const defaultWindows: RuleWindows = { now: '2m', steady: '10m' }
