import { arrivalsOf, contradictionsOfCriteria } from '@shardnet/load-generator/schema'
import { contradictionsOf, ProtocolParameters } from '@shardnet/node/config'
import { type FieldProblem, problemAt } from './problem.ts'
import { quantityOf } from './field.ts'
import { LoadTest } from './load-test.ts'
import { Placement, Resources, TestnetGenesis, TestnetSpec, VALIDATORS_MAX } from './testnet.ts'

/** Supply travels as a JavaScript number in hot loops, so all of it has to stay exact. */
const SUPPLY_MAX = BigInt(Number.MAX_SAFE_INTEGER)

/**
 * Fields of a Testnet that contradict each other. Looks at each group of fields that is valid by itself, so that these
 * problems are told together with those of the schema.
 */
export function contradictionsIn(testnet: object): readonly FieldProblem[] {
  const spec = fieldOf(testnet, 'spec') ?? {}
  return [
    ...protocolProblems(spec),
    ...sizeProblems(spec),
    ...supplyProblems(spec),
    ...placementProblems(spec),
    ...resourceProblems(spec),
  ]
}

function protocolProblems(spec: unknown): readonly FieldProblem[] {
  const protocol = ProtocolParameters.safeParse(fieldOf(spec, 'protocol') ?? {})
  if (!protocol.success) return []
  return contradictionsOf(protocol.data, 'spec.protocol').map(({ path, expected, got }) => {
    return problemAt(path.split('.'), expected, got)
  })
}

function sizeProblems(spec: unknown): readonly FieldProblem[] {
  const shards = TestnetSpec.shape.shards.safeParse(fieldOf(spec, 'shards'))
  const perShard = TestnetSpec.shape.validatorsPerShard.safeParse(
    fieldOf(spec, 'validatorsPerShard'),
  )
  if (!shards.success || !perShard.success) return []
  if (shards.data * perShard.data <= VALIDATORS_MAX) return []
  const most = Math.floor(VALIDATORS_MAX / perShard.data)
  const expected = `at most ${most}: shards x validatorsPerShard may be ${VALIDATORS_MAX}`
  return [problemAt(['spec', 'shards'], expected, String(shards.data))]
}

function supplyProblems(spec: unknown): readonly FieldProblem[] {
  const shards = TestnetSpec.shape.shards.safeParse(fieldOf(spec, 'shards'))
  const genesis = TestnetGenesis.safeParse(fieldOf(spec, 'genesis') ?? {})
  if (!shards.success || !genesis.success) return []
  const { accountsPerShard, balance } = genesis.data
  const accounts = BigInt(shards.data) * BigInt(accountsPerShard)
  if (accounts * BigInt(balance) <= SUPPLY_MAX) return []
  const expected = `at most ${SUPPLY_MAX / accounts}: shards x accountsPerShard x balance may be ${SUPPLY_MAX}`
  return [problemAt(['spec', 'genesis', 'balance'], expected, `"${balance}"`)]
}

function placementProblems(spec: unknown): readonly FieldProblem[] {
  const placement = Placement.safeParse(fieldOf(spec, 'placement') ?? {})
  if (!placement.success) return []
  const names = placement.data.clusters.map((cluster) => cluster.name)
  return names.flatMap((name, index) => {
    if (names.indexOf(name) === index) return []
    return [
      problemAt(
        ['spec', 'placement', 'clusters', index, 'name'],
        'each cluster once',
        `"${name}" again`,
      ),
    ]
  })
}

function resourceProblems(spec: unknown): readonly FieldProblem[] {
  const resources = Resources.safeParse(fieldOf(spec, 'resources') ?? {})
  if (!resources.success) return []
  const { requests = {}, limits = {} } = resources.data
  return (['cpu', 'memory'] as const).flatMap((amount) => {
    const [request, limit] = [requests[amount], limits[amount]]
    if (request === undefined || limit === undefined) return []
    if (quantityOf(request) <= quantityOf(limit)) return []
    const path = ['spec', 'resources', 'requests', amount]
    return [problemAt(path, `at most the limit of ${limit}`, `"${request}"`)]
  })
}

/** Fields of a Shard that contradict each other; only the operator writes them. */
export function contradictionsInShard(shard: object): readonly FieldProblem[] {
  const spec = fieldOf(shard, 'spec')
  const number = (value: unknown, name: string): number => Number(fieldOf(value, name))
  const network = fieldOf(spec, 'network')
  const ordinals = fieldOf(spec, 'ordinals')
  const end = number(ordinals, 'start') + number(ordinals, 'count')
  const validators = number(network, 'validatorsPerShard')
  const shards = number(network, 'shards')
  const problems: FieldProblem[] = []
  if (end > validators) {
    problems.push(problemAt(['spec', 'ordinals'], `an end of at most ${validators}`, String(end)))
  }
  if (number(spec, 'shard') >= shards) {
    const got = String(number(spec, 'shard'))
    problems.push(problemAt(['spec', 'shard'], `below ${shards} (network.shards)`, got))
  }
  return problems
}

/** Criteria of a LoadTest that its own schedule rules out. */
export function contradictionsInLoadTest(loadTest: object): readonly FieldProblem[] {
  const spec = fieldOf(loadTest, 'spec')
  const { shape } = LoadTest.shape.spec
  const criteria = shape.criteria.safeParse(fieldOf(spec, 'criteria'))
  const arrivals = shape.arrivals.safeParse(fieldOf(spec, 'arrivals'))
  if (!criteria.success || !arrivals.success) return []
  return contradictionsOfCriteria(criteria.data, arrivalsOf(arrivals.data)).map(
    ({ path, expected, got }) => problemAt(path.split('.'), expected, got),
  )
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
