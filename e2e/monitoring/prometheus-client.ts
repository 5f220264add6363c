import { waitUntil } from '../cluster/process/wait-until.ts'
import type { DrawnSeries, Span } from './pictures/written-board.ts'

/** One query that a board or a rule asks, with Grafana's variables filled in. */
export interface BoardQuery {
  readonly where: string
  readonly expression: string
}

/**
 * What people see who choose "All" everywhere and look at the last minutes, without the zero that a panel shows where there
 * is nothing: that is no data.
 */
export function filledIn({ where, expression }: BoardQuery): BoardQuery {
  return {
    where,
    expression: expression
      .replaceAll('$__rate_interval', '1m')
      .replace(/\$\w+/g, '.*')
      .replace(/ or vector\(0\)$/, ''),
  }
}

/** An alert as Prometheus' API shows it. */
export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'pending' | 'firing'
}

/** An alert by its name and some of its labels. */
export interface AlertSought {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

const isSought = (alert: ActiveAlert, { name, labels }: AlertSought): boolean =>
  alert.state === 'firing' &&
  Object.entries({ ...labels, alertname: name }).every(
    ([label, value]) => alert.labels[label] === value,
  )

/** What tests ask of a running Prometheus. */
export class PrometheusClient {
  readonly #address: string

  constructor(address: string) {
    this.#address = address
  }

  /** Whether it has read its own data and answers. */
  async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.#address}/-/ready`)).ok
    } catch {
      // It does not listen yet.
      return false
    }
  }

  /** Number of series that the expression has now. */
  async seriesOf(expression: string): Promise<number> {
    const { result } = await this.#get<{ result: unknown }>(
      `query?query=${encodeURIComponent(expression)}`,
    )
    return Array.isArray(result) ? result.length : 0
  }

  /** Every series of the expression over a span. */
  async rangeOf(
    expression: string,
    { fromSeconds, toSeconds }: Span,
    stepSeconds: number,
  ): Promise<readonly DrawnSeries[]> {
    const search = new URLSearchParams({
      query: expression,
      start: String(fromSeconds),
      end: String(toSeconds),
      step: String(stepSeconds),
    })
    const { result } = await this.#get<{
      result: readonly {
        readonly metric: Readonly<Record<string, string>>
        readonly values: readonly (readonly [number, string])[]
      }[]
    }>(`query_range?${search.toString()}`)
    return result.map(({ metric, values }) => ({
      labels: metric,
      // A quotient of nothing by nothing is no point.
      points: values.flatMap(([second, value]): [number, number][] =>
        Number.isFinite(Number(value)) ? [[second, Number(value)]] : [],
      ),
    }))
  }

  /** Places of those queries that have no series. */
  async emptyOf(queries: readonly BoardQuery[]): Promise<readonly string[]> {
    const empty: string[] = []
    for (const { where, expression } of queries.map(filledIn))
      if ((await this.seriesOf(expression)) === 0) empty.push(where)
    return empty
  }

  /** Waits until an expression has a series. */
  untilSeries(expression: string, withinMs: number): Promise<void> {
    return waitUntil(
      `data for ${expression}`,
      withinMs,
      async () => (await this.seriesOf(expression)) > 0,
    )
  }

  /** Waits until an alert with those labels fires, or none does any more. */
  untilAlert({ name, labels }: AlertSought, isFiring: boolean, withinMs: number): Promise<void> {
    let seen: readonly ActiveAlert[] = []
    return waitUntil(
      `${name} ${JSON.stringify(labels)} ${isFiring ? 'firing' : 'resolved'}`,
      withinMs,
      async () => {
        seen = await this.alerts()
        const fires = seen.some((alert) => isSought(alert, { name, labels }))
        return fires === isFiring
      },
      () => JSON.stringify(seen),
    )
  }

  async alerts(): Promise<readonly ActiveAlert[]> {
    const { alerts } = await this.#get<{ alerts: readonly ActiveAlert[] }>('alerts')
    return alerts
  }

  /** Health of every rule: errors of those that cannot be evaluated. */
  async ruleErrors(): Promise<readonly string[]> {
    const { groups } = await this.#get<{
      groups: readonly { rules: readonly { name: string; health: string; lastError?: string }[] }[]
    }>('rules')
    return groups
      .flatMap(({ rules }) => rules)
      .filter(({ health }) => health === 'err')
      .map(({ name, lastError }) => `${name}: ${lastError}`)
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#address}/api/v1/${path}`)
    // The shape of every answer of Prometheus' API.
    const body = (await response.json()) as { status: string; data: T; error?: string }
    if (body.status !== 'success') throw new Error(`${path}: ${body.error}`)
    return body.data
  }
}
