import type { Shard } from '../api/shard.ts'
import type { ShardStatus } from '../api/testnet-status.ts'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { gatewayName } from '../objects/names.ts'
import { shardPlanOf } from '../plan/shard-object.ts'
import type { ApiClient } from './api-client.ts'
import { isApiError } from './api-error.ts'
import { gatewayAddresses } from './gateway-addresses.ts'
import type { KindInformers } from './kind-informers.ts'
import type { ShardLook } from './shard-look.ts'
import type { PodSurvey, Survey } from './pod-survey.ts'

export interface GatewaySources {
  readonly client: ApiClient
  readonly services: KindInformers
  readonly look: ShardLook
  readonly survey: Survey
}

/** Where other clusters reach a Shard's validators, asked for when it may have changed. Null when we may not know. */
export async function gatewaysOfShard(
  shard: Shard,
  set: KubernetesObject | undefined,
  sources: GatewaySources,
): Promise<ShardStatus['gateways'] | null> {
  const wanted = shard.spec.gateways ?? 0
  if (wanted === 0 || set === undefined) return []
  const { look, survey } = sources
  const of = stateOf(shard, set, sources.services)
  if (look.gateways !== null && look.gatewaysDueInMs(of) > 0) return look.gateways.addresses
  const addresses = await ask(shard, await survey(), sources)
  const isPartial = (addresses?.length ?? 0) < wanted
  look.gateways = { of, atMs: performance.now(), addresses, isPartial }
  return addresses
}

/** A pod that moves to another machine is made anew, which its set counts; a port stands in its Service. */
function stateOf(shard: Shard, { metadata }: KubernetesObject, services: KindInformers): string {
  const plan = shardPlanOf(shard)
  const versions = Array.from({ length: shard.spec.gateways ?? 0 }, (_, index) => {
    const name = gatewayName(plan, plan.ordinals.start + index)
    return services.get(`${metadata.namespace ?? ''}/${name}`)?.metadata.resourceVersion
  })
  return [metadata.resourceVersion, ...versions].join()
}

async function ask(
  shard: Shard,
  { machines }: PodSurvey,
  { client, services }: GatewaySources,
): Promise<NonNullable<ShardStatus['gateways']> | null> {
  try {
    return await gatewayAddresses(client, services.all(), shardPlanOf(shard), machines)
  } catch (error) {
    if (isApiError(error, 403)) return null
    throw error
  }
}
