import { z } from 'zod'

const cidr = z
  .string()
  .regex(/^\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}$/, 'a block such as 203.0.113.0/24')
const resourceName = z
  .string()
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, 'a name of lower-case letters, digits and dashes')
  .max(20)
const machines = z.int().min(1).max(5000, 'at most 5,000, what one Kubernetes cluster holds')

const Made = {
  region: z.string().min(1),
  name: resourceName.optional().describe('Of the cluster; made of cloud and region when left out.'),
  machines: machines.describe('On-demand machines: they hold every validator.'),
  machinesMax: machines
    .optional()
    .describe('The autoscaler goes up to here; `machines` when left out.'),
  machineType: z.string().min(1),
  spotMachines: z
    .int()
    .min(0)
    .max(5000)
    .default(0)
    .describe('Cheaper ones that can vanish, for load generators; no validator ever runs there.'),
  spotPricePerHour: z
    .number()
    .min(0)
    .optional()
    .describe('US dollars for one of them, where the table knows none.'),
}

const Cloud = z.discriminatedUnion('cloud', [
  z.strictObject({ cloud: z.literal('aws'), ...Made }),
  z.strictObject({
    cloud: z.literal('gcp'),
    ...Made,
    project: z.string().min(1),
    billingAccount: z.string().min(1).describe('For the budget alert.'),
  }),
  z.strictObject({ cloud: z.literal('azure'), ...Made, subscription: z.string().min(1) }),
  z.strictObject({
    cloud: z.literal('existing'),
    name: resourceName,
    region: z.string().min(1).default('unknown'),
    kubeconfigFile: z.string().min(1).describe('Of a cluster that is there already.'),
    validatorsMax: z.int().min(1).default(100),
  }),
])

const Testnet = z.strictObject({
  name: resourceName,
  shards: z.int().min(1).max(1024),
  validatorsPerShard: z.int().min(4).max(256),
  spread: z.enum(['Shards', 'Validators']).default('Shards'),
  ttl: z
    .string()
    .regex(/^\d+(?:s|m|h|d)$/)
    .default('8h'),
})

const Quota = z.strictObject({
  vcpus: z.int().min(0).optional(),
  spotVcpus: z.int().min(0).optional(),
  addresses: z.int().min(0).optional(),
})

/** Keys of a stack's configuration, each under `shardnet:`. */
export const StackConfig = z.strictObject({
  image: z
    .string()
    .regex(
      /^[a-z0-9]([-.:a-z0-9]*)\/[-._/a-z0-9]+(?::[-._A-Za-z0-9]+|@sha256:[0-9a-f]{64})$/,
      'an image with its registry and a tag or digest, such as registry.example/shardnet:1.0, that the clusters can pull',
    ),
  testnet: Testnet,
  clouds: z.array(Cloud).min(1).max(32),
  hub: resourceName.optional().describe('Cluster that runs the hub; the first one when left out.'),
  owner: z
    .string()
    .regex(/^[-_a-z0-9]{1,63}$/, 'lower-case letters, digits, dashes: it becomes a label'),
  expires: z.iso.date('the day on which this may be destroyed by anybody, such as 2026-12-01'),
  budget: z.strictObject({
    usd: z.number().positive(),
    email: z.email(),
    from: z.iso
      .date()
      .regex(/-01$/, 'the first day of a month')
      .optional()
      .describe('First day that counts; that of the month of `expires` when left out.'),
  }),
  apiAllowedCidrs: z
    .array(cidr)
    .min(1, 'at least one block that may reach the Kubernetes APIs')
    .refine(
      (blocks) => !blocks.includes('0.0.0.0/0'),
      'not the whole world: name who may reach the APIs',
    ),
  gatewayPorts: z
    .strictObject({ from: z.int().min(30_000).max(32_767), to: z.int().min(30_000).max(32_767) })
    .prefault({ from: 30_000, to: 30_999 })
    .describe('NodePorts of gateways between clusters: the only ports open to the world.'),
  monitoring: z.boolean().default(true),
  quotas: z
    .record(z.string(), Quota)
    .default({})
    .describe('What the accounts allow, by `cloud/region`; what is not said is not checked.'),
  estimateOnly: z.boolean().default(false).describe('Print the estimate and make nothing.'),
})
export type StackConfig = z.infer<typeof StackConfig>

/** One entry of `clouds`. */
export type CloudConfig = StackConfig['clouds'][number]
/** One that makes a cluster. */
export type MadeCloud = Exclude<CloudConfig, { cloud: 'existing' }>

/** Name of the cluster of an entry. */
export function clusterNameOf(cloud: CloudConfig): string {
  return cloud.name ?? `${cloud.cloud}-${cloud.region}`.slice(0, 20).replace(/-$/, '')
}

/** Whether the entry makes a cluster. */
export function isMade(cloud: CloudConfig): cloud is MadeCloud {
  return cloud.cloud !== 'existing'
}
