import { z } from 'zod'
import { LinkRules, type LinkRule, type LinkRuleOrder } from './link-rule.ts'

const ANSWER_MS = 5_000

const Refusal = z.looseObject({
  message: z.string(),
  problems: z
    .array(z.looseObject({ path: z.string(), expected: z.string(), got: z.string() }))
    .default([]),
})

/** The admin door did not do what it was asked: one sentence, for people. */
export class AdminCallError extends Error {
  override readonly name = 'AdminCallError'
  /** HTTP status; null when there was no answer. */
  readonly status: number | null

  constructor(status: number | null, message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/** Asks a validator's admin door. Every call throws AdminCallError when it is not answered or refused. */
export class AdminClient {
  readonly #base: string
  readonly #token: string

  /** `address` is `host:port`. */
  constructor(address: string, token: string) {
    this.#base = `http://${address}`
    this.#token = token
  }

  /** The rules in force. */
  links(): Promise<readonly LinkRule[]> {
    return this.#call('GET', '/v1/links', undefined)
  }

  /** Adds rules, or replaces those of the same id. */
  putLinks(rules: readonly LinkRuleOrder[]): Promise<readonly LinkRule[]> {
    return this.#call('PUT', '/v1/links', { rules })
  }

  /** Ends one rule, or all. */
  clearLinks(id?: string): Promise<readonly LinkRule[]> {
    return this.#call('DELETE', id === undefined ? '/v1/links' : `/v1/links/${id}`, undefined)
  }

  /** Stops the validator for so long, at most a minute; the end needs nobody's help. */
  async pause(forMs: number): Promise<void> {
    await this.#ask('POST', '/v1/pause', { forMs })
  }

  async #call(method: string, path: string, body: unknown): Promise<readonly LinkRule[]> {
    const answer = LinkRules.safeParse(await this.#ask(method, path, body))
    if (answer.success) return answer.data.rules
    throw new AdminCallError(200, 'an answer that is no list of rules')
  }

  /** The answer's JSON. @throws AdminCallError */
  async #ask(method: string, path: string, body: unknown): Promise<unknown> {
    let response: Response
    let answer: unknown
    try {
      response = await fetch(`${this.#base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          // A connection of its own: one that a killed validator left half-open must not be used again.
          connection: 'close',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS),
      })
      answer = await response.json()
    } catch (error) {
      throw new AdminCallError(null, `no answer from the admin door ${this.#base}`, {
        cause: error,
      })
    }
    if (response.ok) return answer
    const refusal = Refusal.safeParse(answer)
    const problems = refusal.success
      ? refusal.data.problems.map(
          ({ path: at, expected, got }) => `${at}: expected ${expected}, got ${got}`,
        )
      : []
    const message = refusal.success ? refusal.data.message : `status ${response.status}`
    throw new AdminCallError(response.status, [message, ...problems].join('\n'))
  }
}
