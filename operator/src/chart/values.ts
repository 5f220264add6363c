import { z } from 'zod'
import { Resources } from '../api/testnet.ts'

const text = (description: string) => z.string().max(512).describe(description)
const strings = z.record(z.string(), z.string())
const anything = z.record(z.string(), z.unknown())

/** The values of the chart `shardnet-operator`: what `values.yaml` may say. */
const OperatorValues = z.strictObject({
  role: z.enum(['hub', 'member', 'both']).describe('hub, member, or both in one cluster.'),
  replicas: z.int().min(1).max(5).describe('Operators; one of them writes, the others wait.'),
  image: z
    .strictObject({
      repository: text('Where the image is.').min(1),
      tag: text('Its version; the chart’s own when empty.'),
      digest: text('Its digest, which wins over the tag.').regex(/^(sha256:[0-9a-f]{64})?$/),
      pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).describe('When it is fetched.'),
    })
    .describe('Image of the operator.'),
  validatorImage: text('Image of validators whose Testnet names none; the operator’s when empty.'),
  imagePullSecrets: z.array(z.strictObject({ name: z.string() })).describe('For the image.'),
  namespaces: z
    .array(z.string().max(63))
    .max(100)
    .describe('Namespaces that it looks after; none means the release’s own.'),
  gateways: z
    .boolean()
    .describe('Testnets over several clusters: may read the addresses of machines.'),
  hubAccess: z
    .boolean()
    .describe('A member: an account shardnet-hub, by which the hub of another cluster reaches it.'),
  nodePorts: text('Range of NodePorts of the member clusters.').regex(/^\d{1,5}-\d{1,5}$/),
  leaseSeconds: z
    .int()
    .min(5)
    .max(600)
    .describe('How long the lease of the one that writes lasts.'),
  workers: z.int().min(1).max(64).describe('Objects looked at at once.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).describe('How much it says.'),
  resources: Resources.describe('Processor time and memory of an operator.'),
  podDisruptionBudget: z.boolean().describe('Keep one operator through drains of machines.'),
  metricsService: z.boolean().describe('A Service in front of /metrics.'),
  serviceAccount: z.strictObject({ annotations: strings }).describe('Its account.'),
  podAnnotations: strings.describe('Added to the pods.'),
  podLabels: strings.describe('Added to the pods.'),
  nodeSelector: strings.describe('Machines that it may run on.'),
  tolerations: z.array(anything).describe('Taints that it tolerates.'),
  affinity: anything.describe('Where it likes to run.'),
  priorityClassName: text('Its priority.'),
  // Set by Helm itself, whatever the chart says.
  global: anything.optional().describe('Values of a chart around this one.'),
})

/** The schema that Helm checks values with. */
export function valuesSchema(): object {
  return z.toJSONSchema(OperatorValues, { io: 'input', target: 'draft-7' })
}
