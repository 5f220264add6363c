import * as pulumi from '@pulumi/pulumi'
import { CustomResource } from '@pulumi/kubernetes/apiextensions/index.js'
import { Secret } from '@pulumi/kubernetes/core/v1/index.js'
import type { StackConfig } from '../config/stack-config.ts'
import { NAMESPACE, type Platform } from './platform.ts'

const API_VERSION = 'shardnet.dev/v1alpha1'

/** One cluster that takes part in the testnet. */
export interface Member {
  readonly name: string
  readonly cloud: 'aws' | 'gcp' | 'azure' | 'other'
  readonly region: string
  readonly validatorsMax: number
  readonly usdPerHour: number
  readonly platform: Platform
}

/** Tells the hub of its members, then of the testnet. Everything is removed in the opposite order: first the testnet. */
export class LaunchedTestnet extends pulumi.ComponentResource {
  readonly testnet: CustomResource

  constructor(
    name: string,
    args: {
      readonly config: StackConfig
      readonly members: readonly Member[]
      readonly hub: Platform
    },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('shardnet:platform:Testnet', name, {}, options)
    const { config, members, hub } = args
    const own = { parent: this, provider: hub.provider }
    const platforms = members.map(({ platform }) => platform)
    const clusters = members.map((member) => clusterObject(member, own, platforms))
    const { shards, validatorsPerShard, spread, ttl } = config.testnet
    this.testnet = new CustomResource(
      name,
      {
        apiVersion: API_VERSION,
        kind: 'Testnet',
        metadata: { name, namespace: NAMESPACE },
        spec: {
          image: config.image,
          shards,
          validatorsPerShard,
          ttl,
          placement: {
            spread,
            clusters: members.map(({ name: cluster, validatorsMax }) => ({
              name: cluster,
              weight: weightOf(validatorsMax, members),
            })),
          },
        },
      },
      { ...own, dependsOn: clusters },
    )
    this.registerOutputs({})
  }
}

const WEIGHT_MAX = 100

/** A share of the testnet by room, as a whole number from 1 to 100. */
function weightOf(validatorsMax: number, members: readonly Member[]): number {
  const largest = Math.max(...members.map((member) => member.validatorsMax))
  return Math.max(1, Math.round((validatorsMax / largest) * WEIGHT_MAX))
}

function clusterObject(
  { name, cloud, region, validatorsMax, usdPerHour, platform }: Member,
  own: { readonly parent: pulumi.Resource; readonly provider: pulumi.ProviderResource },
  platforms: readonly Platform[],
): CustomResource {
  const access = platform.hubAccess
  const secret =
    access === null
      ? null
      : new Secret(
          `${name}-kubeconfig`,
          {
            metadata: { name: `${name}-kubeconfig`, namespace: NAMESPACE },
            stringData: { kubeconfig: access.kubeconfig },
          },
          { ...own, dependsOn: [...platforms] },
        )
  return new CustomResource(
    `${name}-cluster`,
    {
      apiVersion: API_VERSION,
      kind: 'Cluster',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        cloud,
        region,
        capacity: { validators: validatorsMax },
        pricePerHour: usdPerHour.toFixed(4),
        ...(secret === null ? {} : { kubeconfigSecret: { name: secret.metadata.name } }),
      },
    },
    { ...own, dependsOn: [...platforms] },
  )
}
