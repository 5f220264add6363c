import { contradictionsOf, ProtocolParameters } from '@shardnet/node/config'
import { type FieldProblem, problemAt } from './problem.ts'
import { Placement, TestnetGenesis, TestnetSpec } from './testnet.ts'

/** Supply travels as a JavaScript number in hot loops, so all of it has to stay exact. */
const SUPPLY_MAX = BigInt(Number.MAX_SAFE_INTEGER)

/**
 * Fields of a Testnet that contradict each other. Looks at each group of fields that is valid by itself, so that these
 * problems are told together with those of the schema.
 */
export function contradictionsIn(testnet: object): readonly FieldProblem[] {
  const spec = fieldOf(testnet, 'spec') ?? {}
  return [...protocolProblems(spec), ...supplyProblems(spec), ...placementProblems(spec)]
}

function protocolProblems(spec: unknown): readonly FieldProblem[] {
  const protocol = ProtocolParameters.safeParse(fieldOf(spec, 'protocol') ?? {})
  if (!protocol.success) return []
  return contradictionsOf(protocol.data, 'spec.protocol').map(({ path, expected, got }) => {
    return problemAt(path.split('.'), expected, got)
  })
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

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
