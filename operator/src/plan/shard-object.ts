import { API_VERSION } from '../api/field.ts'
import type { Shard } from '../api/shard.ts'
import type { Plan } from './plan-testnet.ts'
import type { ShardPlan } from './shard-plan.ts'

/** The Shard objects of a plan: what the hub applies to member clusters. Pure; one object for each set of the plan. */
export function shardObjects(plan: Plan): readonly Shard[] {
  return plan.shards.map(shardObject)
}

/** The Shard object of one set. */
export function shardObject(shard: ShardPlan): Shard {
  const { name, network, cluster, image, ordinals, resources, storage } = shard
  const { testnet, ...shared } = network
  return {
    apiVersion: API_VERSION,
    kind: 'Shard',
    metadata: { name, labels: labelsOf(shard) },
    spec: {
      testnet,
      shard: shard.shard,
      ...(cluster === null ? {} : { cluster }),
      ordinals,
      network: shared,
      ...(image === null ? {} : { image }),
      resources,
      storage,
    },
  }
}

function labelsOf({ network, shard }: ShardPlan): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/name': 'shardnet',
    'app.kubernetes.io/component': 'shard',
    'app.kubernetes.io/instance': network.testnet,
    'app.kubernetes.io/managed-by': 'shardnet-operator',
    'shardnet.dev/testnet': network.testnet,
    'shardnet.dev/generation': String(network.generation),
    'shardnet.dev/shard': String(shard),
  }
}

/** The set that a Shard object asks for: how the member role gets back what the hub planned. */
export function shardPlanOf(object: Shard): ShardPlan {
  const {
    testnet,
    shard,
    cluster = null,
    ordinals,
    network,
    image = null,
    resources,
    storage,
  } = object.spec
  return {
    name: object.metadata.name,
    shard,
    cluster,
    ordinals,
    network: { testnet, ...network },
    image,
    resources,
    storage,
  }
}
