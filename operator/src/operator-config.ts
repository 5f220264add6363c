import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

/** How an operator runs. Each field is a flag of `shardnet operator` and a variable of its pod. */
export const OperatorConfig = z.strictObject({
  role: z
    .enum(['hub', 'member', 'both'], { error: 'hub, member or both' })
    .default('both')
    .describe('What it does: hub plans Testnets, member makes Shards true, both is one cluster.'),
  namespaces: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((name) => name !== ''))
    .describe('Namespaces that it looks after, separated by commas; none means all of them.'),
  namespace: z.string().min(1).default('default').describe('Where its Lease is.'),
  lease: z.string().min(1).default('shardnet-operator').describe('Name of its Lease.'),
  leaseSeconds: z.coerce
    .number()
    .int()
    .min(5)
    .max(600)
    .default(15)
    .describe('How long the Lease lasts; longer where API servers may be slow.'),
  identity: z.string().min(1).default(hostname()).describe('Tells it from its replicas.'),
  image: z.string().default('').describe('Image of validators whose Testnet names none.'),
  workers: z.coerce.number().int().min(1).max(64).default(8).describe('Objects looked at at once.'),
  httpPort: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8_081)
    .describe('Port of /livez, /readyz and /metrics.'),
  nodePorts: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, { error: 'a range such as 30000-32767' })
    .default('30000-32767')
    .transform((text) => {
      const [port = 0, endPort = 0] = text.split('-').map(Number)
      return { port, endPort }
    })
    .describe('NodePorts of the member clusters: where validators may reach those of others.'),
  cacheFolder: z
    .string()
    .min(1)
    .default(join(tmpdir(), 'shardnet-operator'))
    .describe('Where tables of accounts are kept.'),
  dryRun: z
    .union([z.boolean(), z.stringbool()])
    .default(false)
    .describe('Print what would be written, once, and end.'),
})
export type OperatorConfig = z.infer<typeof OperatorConfig>

/** Variable of the environment that sets a field: `httpPort` is `SHARDNET_HTTP_PORT`. */
function variableOf(field: string): string {
  return `SHARDNET_${field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** A configuration with everything that is wrong with it. */
export class OperatorConfigError extends Error {
  override readonly name = 'OperatorConfigError'
}

/**
 * The configuration of variables and flags; flags win.
 * @throws {OperatorConfigError} with all problems at once.
 */
export function operatorConfig(
  environment: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, unknown>>,
): OperatorConfig {
  const fields = Object.keys(OperatorConfig.shape)
  const given = fields.flatMap((field) => {
    const value = flags[field] ?? environment[variableOf(field)]
    return value === undefined ? [] : [[field, value] as const]
  })
  const parsed = OperatorConfig.safeParse(Object.fromEntries(given))
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map(({ path, message }) => {
    const field = String(path[0])
    return `${variableOf(field)}: expected ${message}, got ${JSON.stringify(Object.fromEntries(given)[field])}`
  })
  throw new OperatorConfigError(lines.join('\n'))
}
