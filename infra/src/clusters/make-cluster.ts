import * as pulumi from '@pulumi/pulumi'
import { clusterNameOf, type CloudConfig, type StackConfig } from '../config/stack-config.ts'
import type { Cluster, ClusterArgs, NodePool } from './cluster.ts'

/** A cluster that was there before us. */
class ExistingCluster implements Cluster {
  readonly cloud = 'other'
  readonly ready: readonly pulumi.Resource[] = []
  readonly region: string
  readonly kubeconfig: pulumi.Output<string>

  constructor(region: string, kubeconfig: string) {
    this.region = region
    this.kubeconfig = pulumi.secret(kubeconfig)
  }
}

/** Makes the cluster of one entry. The SDK of its cloud is loaded here and not before. */
export async function makeCluster(
  config: StackConfig,
  index: number,
  kubeconfig: string | undefined,
): Promise<Cluster> {
  const cloud = config.clouds[index]
  if (cloud === undefined) throw new Error(`no entry ${index} in shardnet:clouds`)
  const name = clusterNameOf(cloud)
  switch (cloud.cloud) {
    case 'aws': {
      const { AwsCluster } = await import('./aws/aws-cluster.ts')
      return new AwsCluster(name, argsOf(config, cloud, index))
    }
    case 'gcp': {
      const { GcpCluster } = await import('./gcp/gcp-cluster.ts')
      const { project, billingAccount } = cloud
      return new GcpCluster(name, { ...argsOf(config, cloud, index), project, billingAccount })
    }
    case 'azure': {
      const { AzureCluster } = await import('./azure/azure-cluster.ts')
      const budgetFrom = config.budget.from ?? `${config.expires.slice(0, 7)}-01`
      const { subscription } = cloud
      return new AzureCluster(name, { ...argsOf(config, cloud, index), subscription, budgetFrom })
    }
    case 'existing':
      return new ExistingCluster(cloud.region, kubeconfig ?? '')
  }
}

/** First network is 10.16: lower ones are what people's own networks tend to use. */
const FIRST_NETWORK = 16

function argsOf(
  config: StackConfig,
  cloud: Exclude<CloudConfig, { cloud: 'existing' }>,
  index: number,
): ClusterArgs {
  const { machineType, machines, machinesMax, spotMachines } = cloud
  const floor: NodePool = {
    name: 'floor',
    machineType,
    count: machines,
    countMax: machinesMax ?? machines,
    isSpot: false,
  }
  const spot: NodePool = {
    name: 'spot',
    machineType,
    count: spotMachines,
    countMax: spotMachines,
    isSpot: true,
  }
  return {
    region: cloud.region,
    networkIndex: FIRST_NETWORK + index,
    pools: spotMachines > 0 ? [floor, spot] : [floor],
    gatewayPorts: config.gatewayPorts,
    apiAllowedCidrs: config.apiAllowedCidrs,
    budget: config.budget,
    tags: { testnet: config.testnet.name, owner: config.owner, expires: config.expires },
  }
}
