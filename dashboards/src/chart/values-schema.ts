import { z } from 'zod'

const switchValue = z
  .enum(['auto', 'on', 'off'])
  .describe(
    'auto: when the cluster knows the kind, which is when the Prometheus operator is there.',
  )
const labels = z.record(z.string(), z.string())
const duration = z.string().regex(/^\d+(?:s|m|h|d)$/)
const image = z.strictObject({
  repository: z.string().min(1),
  tag: z.string().min(1),
  digest: z
    .string()
    .regex(/^(?:sha256:[0-9a-f]{64})?$/)
    .describe('Wins over the tag; set it where images must not change under a name.'),
  pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
})
const quantities = z.strictObject({ cpu: z.string().optional(), memory: z.string().optional() })
const resources = z.strictObject({ requests: quantities, limits: quantities })
const storage = z.strictObject({
  size: z.string().describe('Of the PersistentVolumeClaim; empty: lost with the pod.'),
  className: z.string(),
})

const Prometheus = z.strictObject({
  enabled: z.boolean(),
  mode: z
    .enum(['server', 'agent'])
    .describe('agent: scrapes and forwards; queries and rules happen where it forwards to.'),
  image,
  retention: duration,
  storage,
  resources,
  remoteWrite: z
    .array(z.record(z.string(), z.unknown()))
    .describe(
      'Entries of remote_write as Prometheus reads them. Credentials belong in files of extraSecrets.',
    ),
  externalLabels: labels.describe('Beside `cluster`.'),
  extraSecrets: z
    .array(z.string())
    .describe('Names of Secrets, mounted at /etc/prometheus/secrets/NAME.'),
})

const Grafana = z.strictObject({
  enabled: z.boolean(),
  image,
  resources,
  adminSecret: z
    .string()
    .describe('Secret with the keys admin-user and admin-password; empty: anonymous, read-only.'),
})

/** Values of the chart shardnet-monitoring; its `values.schema.json` is made of this. */
export const ChartValues = z.strictObject({
  global: z.record(z.string(), z.unknown()).optional(),
  cluster: z.string().describe('Name of this cluster: a label of every series.'),
  runbookBase: z.string().describe('Address that docs/runbooks/… is appended to in alerts.'),
  scrape: z.strictObject({
    interval: duration.describe('At most 30s: the rules look back two minutes.'),
    timeout: duration,
    sampleLimit: z.int().min(1).describe('Samples of one scrape; beyond it the scrape fails.'),
    labelLimit: z.int().min(1),
  }),
  podMonitor: z.strictObject({ enabled: switchValue, labels }),
  rules: z.strictObject({ enabled: switchValue, labels }),
  dashboards: z.strictObject({
    enabled: z.boolean(),
    labels: labels.describe("By which Grafana's sidecar finds them."),
    folder: z.string(),
  }),
  price: z
    .strictObject({
      perHour: z.number().min(0),
      budget: z.number().min(0),
      testnet: z.string().min(1),
    })
    .partial()
    .describe(
      'What the deployment costs and may cost, in US dollars; from the estimate of infra/.',
    ),
  prometheus: Prometheus,
  grafana: Grafana,
})

/** The schema that Helm checks values against. */
export function chartValuesJsonSchema(): object {
  return z.toJSONSchema(ChartValues, { target: 'draft-7', io: 'input' })
}
