import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { writeFileDurably } from '../../config/files.ts'
import { problemsOf, type Problem } from '../../config/problems.ts'
import { LINK_RULES_MAX, LinkRuleOrders, LinkRules, type LinkRule } from '../../client/link-rule.ts'
import type { RuleLinkShaper } from '../network/rule-link-shaper.ts'

/** What an order to change links came to. */
export type LinkOutcome =
  | { readonly kind: 'done'; readonly rules: readonly LinkRule[] }
  | { readonly kind: 'bad'; readonly problems: readonly Problem[] }

/**
 * The link rules of one validator, kept in its data folder. A rule outlives the process on purpose: a link fault that a
 * restart heals would not be one, and nobody could put it back before the first frame. Each rule still ends by itself, on the
 * wall clock, whether the process runs or not.
 */
export class LinkBook {
  readonly #file: string
  readonly #shaper: RuleLinkShaper
  readonly #logger: Logger
  #work: Promise<unknown> = Promise.resolve()

  private constructor(file: string, shaper: RuleLinkShaper, logger: Logger) {
    this.#file = file
    this.#shaper = shaper
    this.#logger = logger
  }

  /** Reads what an earlier process was told and puts it in force. A file that cannot be read ends its faults early. */
  static async open(file: string, shaper: RuleLinkShaper, logger: Logger): Promise<LinkBook> {
    const kept = await loadRules(file, logger)
    shaper.set(kept)
    for (const rule of shaper.rules) logger.warn({ rule }, 'link rule still in force')
    return new LinkBook(file, shaper, logger)
  }

  get rules(): readonly LinkRule[] {
    return this.#shaper.rules
  }

  /** Adds rules; one with a known id takes that one's place. In force, and on disk, when this resolves. */
  put(body: unknown): Promise<LinkOutcome> {
    const parsed = LinkRuleOrders.safeParse(body)
    if (!parsed.success) {
      return Promise.resolve({ kind: 'bad', problems: problemsOf(parsed.error, body) })
    }
    return this.#inTurn(async () => {
      const nowMs = Date.now()
      const added = parsed.data.rules.map(({ forMs, ...rule }) => ({
        ...rule,
        untilMs: nowMs + forMs,
      }))
      const byId = new Map([...this.rules, ...added].map((rule) => [rule.id, rule]))
      if (byId.size > LINK_RULES_MAX) {
        const expected = `at most ${LINK_RULES_MAX} rules in force at once`
        return { kind: 'bad', problems: [{ path: 'rules', expected, got: String(byId.size) }] }
      }
      await this.#keep([...byId.values()])
      for (const rule of added) this.#logger.warn({ rule }, 'link rule put')
      return { kind: 'done', rules: this.rules }
    })
  }

  /** Ends rules before their time: the one of that id, or all. An id that is not known is none in force. */
  clear(id: string | null): Promise<readonly LinkRule[]> {
    return this.#inTurn(async () => {
      const cleared = this.rules.filter((rule) => id === null || rule.id === id)
      await this.#keep(this.rules.filter((rule) => !cleared.includes(rule)))
      for (const rule of cleared) this.#logger.warn({ rule }, 'link rule cleared')
      return this.rules
    })
  }

  async #keep(rules: readonly LinkRule[]): Promise<void> {
    await writeFileDurably(this.#file, Buffer.from(`${JSON.stringify({ rules }, null, 2)}\n`))
    this.#shaper.set(rules)
  }

  /** One change at a time: each starts from what the one before left. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#work.then(change)
    this.#work = done.catch(() => undefined) // Told to the one who asked for it.
    return done
  }
}

async function loadRules(file: string, logger: Logger): Promise<readonly LinkRule[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  const parsed = LinkRules.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data.rules
  logger.warn({ file }, 'link rules cannot be read: they end here')
  return []
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // No rules are what comes of it, and the caller says so.
  }
}
