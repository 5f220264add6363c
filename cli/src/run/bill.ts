import { type Bill, billOfLayout, Layout, type MachineGroup } from '@shardnet/load-generator/cost'
import { arrivalsOf, expectedCount, scheduleMs, workloadOf } from '@shardnet/load-generator'
import { estimatedTraffic } from '@shardnet/load-generator/cost'
import { type Cluster, type LoadTest, parseDocuments, type Testnet } from '@shardnet/operator/api'
import { parse as parseYaml, YAMLParseError } from 'yaml'
import { InputError } from '../input-error.ts'

/** A bill, and the field of the file that a problem with one of its machines stands in. */
export interface ReadBill {
  readonly bill: Bill
  readonly pathOf: (index: number, field: string) => string
}

const HOUR_MS = 3_600_000
/** Bytes of a transfer without payload. */
const TRANSFER_BYTES = 168

/**
 * The bill of a Layout, or of a Testnet with its Clusters.
 * @throws {InputError} or {DocumentError} with every problem.
 */
export function readBill(text: string, source: string): ReadBill {
  const layout = layoutIn(text, source)
  if (layout !== null)
    return { bill: billOfLayout(layout), pathOf: (index, field) => `places[${index}].${field}` }
  const documents = parseDocuments(text, source).map(({ document }) => document)
  const testnet = documents.find((each) => each.kind === 'Testnet')
  const loadTest = documents.find((each) => each.kind === 'LoadTest')
  const clusters = documents.filter((each) => each.kind === 'Cluster')
  if (testnet === undefined)
    throw new InputError([`${source}: expected a Testnet or a Layout, got none`])
  const machines = machinesOf(testnet, clusters, source)
  return {
    bill: billOf(testnet, loadTest, machines),
    pathOf: (index, field) => `Cluster ${machines[index]?.place}: spec.${field}`,
  }
}

function layoutIn(text: string, source: string): Layout | null {
  const value = yamlOf(text)
  const isLayout =
    typeof value === 'object' && value !== null && Reflect.get(value, 'kind') === 'Layout'
  if (!isLayout) return null
  const checked = Layout.safeParse(value)
  if (checked.success) return checked.data
  throw new InputError(
    checked.error.issues.map(
      ({ path, message }) => `${source}: ${path.join('.')}: expected another value: ${message}`,
    ),
  )
}

/** Several documents, or what is no YAML: for the parser of documents to say. */
function yamlOf(text: string): unknown {
  try {
    return parseYaml(text)
  } catch (error) {
    if (error instanceof YAMLParseError) return null
    throw error
  }
}

/** Each cluster of the placement by its own price. */
function machinesOf(
  testnet: Testnet,
  clusters: readonly Cluster[],
  source: string,
): readonly MachineGroup[] {
  const { placement } = testnet.spec
  const problems: string[] = []
  const machines = placement.clusters.map(({ name }): MachineGroup => {
    const cluster = clusters.find((each) => each.metadata.name === name)
    if (cluster === undefined)
      problems.push(
        `${source}: spec.placement.clusters: expected a Cluster named ${name} in the file, got none`,
      )
    else if (cluster.spec.pricePerHour === undefined)
      problems.push(
        `${source}: Cluster ${name}: spec.pricePerHour: expected its price of an hour, got nothing`,
      )
    return {
      place: name,
      cloud: cluster?.spec.cloud ?? 'other',
      region: cluster?.spec.region ?? '',
      machineType: 'whole cluster',
      purchase: 'onDemand',
      count: 1,
      diskGigabytes: 0,
      pricePerHour: Number(cluster?.spec.pricePerHour ?? 0),
    }
  })
  if (placement.clusters.length === 0)
    problems.push(
      `${source}: spec.placement.clusters: expected at least one cluster, got none: this machine has no price`,
    )
  if (problems.length > 0) throw new InputError(problems)
  return machines
}

function billOf(
  testnet: Testnet,
  loadTest: LoadTest | undefined,
  machines: readonly MachineGroup[],
): Bill {
  if (loadTest === undefined) return { machines, traffic: [], runMs: HOUR_MS, committed: null }
  const { shards, validatorsPerShard, placement } = testnet.spec
  const arrivals = arrivalsOf(loadTest.spec.arrivals)
  const workload = workloadOf(loadTest.spec.workload)
  const committed = expectedCount(arrivals)
  const places = placement.clusters.flatMap(({ name, weight }) =>
    Array.from({ length: weight }, () => name),
  )
  const traffic = estimatedTraffic({
    shards,
    validatorsPerShard,
    placeOf: (shard, validator) =>
      places[(placement.spread === 'Shards' ? shard : validator) % places.length] ?? '',
    committed,
    transactionBytes: TRANSFER_BYTES + (workload.payloadBytes ?? 0),
    crossShard: workload.crossShard ?? 0,
  })
  return { machines, traffic, runMs: scheduleMs(arrivals), committed }
}
