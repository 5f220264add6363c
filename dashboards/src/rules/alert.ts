/** Who is woken: `page` at once, `warning` in working hours, `info` nobody. */
export type Severity = 'page' | 'warning' | 'info'

/** One alert. Its runbook is `docs/runbooks/<page>.md`. */
export interface Alert {
  readonly name: string
  readonly severity: Severity
  /** How long the expression must hold. */
  readonly for: string
  readonly expression: string
  /** One line with the place in it; Prometheus' templates are allowed. */
  readonly summary: string
  readonly description: string
  readonly page: string
}

/** How long alerts look and wait. Tests on a real testnet shorten it, nothing else. */
export interface AlertPace {
  /** A shard without a block for this long is stuck: an idle one makes a block a second. */
  readonly silence: string
  readonly short: string
  readonly long: string
  /** For trends. */
  readonly trend: string
}

/** What operators get. */
export const defaultPace: AlertPace = { silence: '1m', short: '1m', long: '5m', trend: '30m' }
