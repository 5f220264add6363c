import type { ShardStatus } from '../api/testnet-status.ts'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { gatewayName } from '../objects/names.ts'
import { type ShardPlan, validatorsOf } from '../plan/shard-plan.ts'
import type { ApiClient } from './api-client.ts'
import type { PodSurvey } from './pod-survey.ts'
import { objectPath, RESOURCES } from './resource.ts'

interface Node {
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  }
}

/** What a machine is called from outside, the best first. */
const ADDRESS_TYPES = ['ExternalIP', 'ExternalDNS', 'InternalIP'] as const

/** Where other clusters reach the gateways of a set: the machine that each runs on, at its Service's port. */
export async function gatewayAddresses(
  client: ApiClient,
  services: readonly KubernetesObject[],
  shard: ShardPlan,
  machines: PodSurvey['machines'],
): Promise<NonNullable<ShardStatus['gateways']>> {
  const ports = new Map(services.map((service) => [service.metadata.name, portOf(service)]))
  const addresses = new Map<string, string | null>()
  const found: { validator: number; address: string }[] = []
  for (const { name, validator } of validatorsOf(shard)) {
    const port = ports.get(gatewayName(shard, validator))
    const machine = machines.get(name)
    if (port === undefined || machine === undefined) continue
    if (!addresses.has(machine)) addresses.set(machine, await addressOf(client, machine))
    const host = addresses.get(machine)
    if (host !== undefined && host !== null) found.push({ validator, address: `${host}:${port}` })
  }
  return found
}

async function addressOf(client: ApiClient, name: string): Promise<string | null> {
  const path = objectPath(RESOURCES.nodes, { name })
  const { status } = (await client.request({ verb: 'get', path })) as Node
  const of = (type: string) => status?.addresses?.find((each) => each.type === type)?.address
  return ADDRESS_TYPES.map(of).find((address) => address !== undefined) ?? null
}

function portOf(service: KubernetesObject): number | undefined {
  const spec = service['spec'] as { readonly ports?: readonly { readonly nodePort?: number }[] }
  return spec.ports?.[0]?.nodePort
}
