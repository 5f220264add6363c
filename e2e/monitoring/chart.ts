import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { ensureTools } from '../cluster/build/build-tools.ts'
import { kubernetesTools } from '../cluster/build/tool-set.ts'
import { E2eError } from '../cluster/e2e-error.ts'
import { type Captured, capture } from '../cluster/process/capture.ts'

const CHART = join(import.meta.dirname, '..', '..', 'charts', 'shardnet-monitoring')

/** An object that the chart makes. */
export interface ChartObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, string>>
}

export interface Rendering {
  readonly values?: Readonly<Record<string, unknown>>
  /** Kinds that the cluster knows beside Kubernetes' own: `monitoring.coreos.com/v1/PodMonitor`. */
  readonly kinds?: readonly string[]
}

/** `helm VERB` on the chart of the monitoring. */
export async function helm(
  verb: 'lint' | 'template',
  { values = {}, kinds = [] }: Rendering,
  ...flags: readonly string[]
): Promise<Captured> {
  const tools = await ensureTools(kubernetesTools, (line) => void process.stderr.write(`${line}\n`))
  const name = verb === 'lint' ? [] : ['monitoring']
  const versions = kinds.map((kind) => `--api-versions=${kind}`)
  const words = [verb, ...name, CHART, '--values', '-', ...versions, ...flags]
  return capture(join(tools, 'helm'), words, { input: JSON.stringify(values) })
}

/** Everything that the chart makes of these values. */
export async function renderChart(rendering: Rendering): Promise<readonly ChartObject[]> {
  const { code, text } = await helm('template', rendering)
  if (code !== 0) throw new E2eError(`helm template failed:\n${text}`)
  // Empty documents are what a template leaves that makes nothing.
  return parseAllDocuments(text).flatMap((document) => {
    const object: ChartObject | null = document.toJS()
    return object === null ? [] : [object]
  })
}

/** The rule file by which the chart tells a Prometheus what a testnet costs and may cost. */
export async function givenRules(price: {
  readonly testnet: string
  readonly perHour: number
  readonly budget: number
}): Promise<string> {
  const objects = await renderChart({ values: { price, prometheus: { enabled: true } } })
  const given = objects.flatMap(({ data }) => data?.['given.rules.yaml'] ?? [])
  if (given[0] === undefined) throw new E2eError('the chart gives no rules of its own')
  return given[0]
}
