import { z } from 'zod'
import { SeatNumber, ShardNumber } from '../config/shapes.ts'

/** Longest life of a rule: nobody leaves a testnet broken over night by accident. */
export const LINK_RULE_MS_MAX = 86_400_000
export const LINK_RULES_MAX = 64
const PEERS_MAX = 4_096
const LATENCY_MS_MAX = 60_000
/** Above it no loopback or cloud link is slowed. */
const BYTES_PER_SECOND_MAX = 10_000_000_000

/** Name of a rule; one that is put again replaces the one before. */
const LinkRuleId = z
  .string()
  .regex(/^[a-z0-9][-a-z0-9]{0,62}$/, 'at most 63 small letters, digits and dashes')

const effects = {
  isPartitioned: z
    .boolean()
    .default(false)
    .describe('No frame passes; the connection itself stays.'),
  latencyMs: z.int().min(0).max(LATENCY_MS_MAX).default(0).describe('Added to every frame.'),
  jitterMs: z
    .int()
    .min(0)
    .max(LATENCY_MS_MAX)
    .default(0)
    .describe('Up to so much more, evenly drawn for each frame.'),
  reorders: z
    .boolean()
    .default(false)
    .describe('Jitter lets frames overtake each other; else a frame waits for those before it.'),
  loss: z.number().min(0).max(1).default(0).describe('Share of the frames that vanish.'),
  bytesPerSecond: z
    .int()
    .min(1)
    .max(BYTES_PER_SECOND_MAX)
    .nullable()
    .default(null)
    .describe('Bytes that pass each second, all purposes of a link together.'),
}

const fields = {
  id: LinkRuleId,
  direction: z.enum(['outbound', 'inbound', 'both']).default('both'),
  peers: z
    .union(
      [
        z.literal('all'),
        z
          .array(z.strictObject({ shard: ShardNumber, validator: SeatNumber }))
          .min(1)
          .max(PEERS_MAX),
      ],
      { error: `"all", or 1 to ${PEERS_MAX} seats of shard and validator` },
    )
    .describe('Identities at the other end of the links.'),
  ...effects,
}

/** A rule with the moment of its end, as it is kept and listed. */
export const LinkRule = z.strictObject({
  ...fields,
  untilMs: z.number().min(0).describe('Milliseconds since 1970 on the clock of the validator.'),
})
export type LinkRule = z.infer<typeof LinkRule>

/** A rule as it is asked for: it says for how long, so that clocks need not agree. */
const LinkRuleOrder = z
  .strictObject({ ...fields, forMs: z.int().min(1).max(LINK_RULE_MS_MAX) })
  .superRefine((rule, context) => {
    const changes =
      rule.isPartitioned ||
      rule.latencyMs > 0 ||
      rule.jitterMs > 0 ||
      rule.loss > 0 ||
      rule.bytesPerSecond !== null
    if (!changes) {
      const message =
        'at least one of isPartitioned, latencyMs, jitterMs, loss, bytesPerSecond with an effect'
      context.addIssue({ code: 'custom', path: [], message })
    }
    if (rule.reorders && rule.jitterMs === 0) {
      const message = 'no reorders without jitterMs'
      context.addIssue({ code: 'custom', path: ['reorders'], message })
    }
  })
export type LinkRuleOrder = z.input<typeof LinkRuleOrder>

/** Body of `PUT /v1/links`. */
export const LinkRuleOrders = z.strictObject({
  rules: z.array(LinkRuleOrder).min(1).max(LINK_RULES_MAX),
})

/** Answer of every request about links: the rules that are in force now. */
export const LinkRules = z.strictObject({ rules: z.array(LinkRule) })

const PAUSE_MS_MAX = 60_000

/** Body of `POST /v1/pause`. */
export const PauseOrder = z.strictObject({ forMs: z.int().min(1).max(PAUSE_MS_MAX) })
