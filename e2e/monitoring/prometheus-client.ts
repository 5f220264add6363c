/** One query that a board or a rule asks, with Grafana's variables filled in. */
export interface BoardQuery {
  readonly where: string
  readonly expression: string
}

/** What people see who choose "All" everywhere and look at the last minutes. */
export function filledIn({ where, expression }: BoardQuery): BoardQuery {
  return {
    where,
    expression: expression.replaceAll('$__rate_interval', '1m').replace(/\$\w+/g, '.*'),
  }
}

/** An alert as Prometheus' API shows it. */
export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'pending' | 'firing'
}

/** What tests ask of a running Prometheus. */
export class PrometheusClient {
  readonly #address: string

  constructor(address: string) {
    this.#address = address
  }

  /** Number of series that the expression has now. */
  async seriesOf(expression: string): Promise<number> {
    const { result } = await this.#get<{ result: unknown }>(
      `query?query=${encodeURIComponent(expression)}`,
    )
    return Array.isArray(result) ? result.length : 0
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
