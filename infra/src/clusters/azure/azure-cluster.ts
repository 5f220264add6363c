import * as pulumi from '@pulumi/pulumi'
import { Budget } from '@pulumi/azure-native/consumption/index.js'
import * as container from '@pulumi/azure-native/containerservice/index.js'
import { NetworkSecurityGroup, VirtualNetwork } from '@pulumi/azure-native/network/index.js'
import { Provider } from '@pulumi/azure-native/provider.js'
import { ResourceGroup } from '@pulumi/azure-native/resources/index.js'
import {
  BUDGET_THRESHOLDS,
  POOL_LABEL,
  SPOT_TAINT,
  type Cluster,
  type ClusterArgs,
  type NodePool,
} from '../cluster.ts'
import { diskGib } from '../disk-size.ts'

const SYSTEM_MACHINE = 'Standard_D4s_v5'
const SYSTEM_MACHINES = 1
const PODS_PER_MACHINE = 110

/** What AKS needs beyond the common arguments. */
export interface AzureClusterArgs extends ClusterArgs {
  readonly subscription: string
  /** First day of the month from which the budget counts; Azure refuses another day. */
  readonly budgetFrom: string
}

/** AKS in a resource group of its own. */
export class AzureCluster extends pulumi.ComponentResource implements Cluster {
  readonly cloud = 'azure'
  readonly region: string
  readonly kubeconfig: pulumi.Output<string>
  readonly ready: readonly pulumi.Resource[]
  readonly #own: { readonly parent: pulumi.Resource; readonly provider: Provider }

  constructor(name: string, args: AzureClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super('shardnet:azure:Cluster', name, {}, options)
    this.region = args.region
    const provider = new Provider(name, { subscriptionId: args.subscription }, { parent: this })
    this.#own = { parent: this, provider }
    const group = new ResourceGroup(
      name,
      { location: args.region, tags: { ...args.tags } },
      this.#own,
    )
    const subnetId = this.#network(name, args, group)
    const cluster = this.#controlPlane(name, args, { group, subnetId })
    this.ready = this.#pools(name, args, { group, cluster, subnetId })
    this.#budget(name, args, group)
    const credentials = container.listManagedClusterUserCredentialsOutput(
      { resourceGroupName: group.name, resourceName: cluster.name },
      this.#own,
    )
    this.kubeconfig = pulumi.secret(
      credentials.apply(({ kubeconfigs }) =>
        Buffer.from(kubeconfigs[0]?.value ?? '', 'base64').toString('utf8'),
      ),
    )
    this.registerOutputs({ kubeconfig: this.kubeconfig, region: this.region })
  }

  #network(name: string, args: AzureClusterArgs, group: ResourceGroup): pulumi.Output<string> {
    const { from, to } = args.gatewayPorts
    const place = { resourceGroupName: group.name, location: args.region, tags: { ...args.tags } }
    const rules = new NetworkSecurityGroup(
      name,
      {
        ...place,
        securityRules: [
          {
            name: 'gateways',
            description: 'Validators of other clusters reach gateways',
            priority: 100,
            direction: 'Inbound',
            access: 'Allow',
            protocol: 'Tcp',
            sourceAddressPrefix: 'Internet',
            sourcePortRange: '*',
            destinationAddressPrefix: '*',
            destinationPortRange: `${from}-${to}`,
          },
        ],
      },
      this.#own,
    )
    const network = new VirtualNetwork(
      name,
      {
        ...place,
        addressSpace: { addressPrefixes: [`10.${args.networkIndex}.0.0/16`] },
        subnets: [
          {
            name: 'nodes',
            addressPrefix: `10.${args.networkIndex}.0.0/17`,
            networkSecurityGroup: { id: rules.id },
          },
        ],
      },
      this.#own,
    )
    return network.subnets.apply((subnets) => subnets?.[0]?.id ?? '')
  }

  #controlPlane(
    name: string,
    args: AzureClusterArgs,
    {
      group,
      subnetId,
    }: { readonly group: ResourceGroup; readonly subnetId: pulumi.Output<string> },
  ): container.ManagedCluster {
    return new container.ManagedCluster(
      name,
      {
        resourceGroupName: group.name,
        location: args.region,
        tags: { ...args.tags },
        dnsPrefix: name,
        identity: { type: 'SystemAssigned' },
        sku: { name: 'Base', tier: 'Standard' },
        enableRBAC: true,
        autoUpgradeProfile: { upgradeChannel: 'stable' },
        apiServerAccessProfile: { authorizedIPRanges: [...args.apiAllowedCidrs] },
        oidcIssuerProfile: { enabled: true },
        securityProfile: { workloadIdentity: { enabled: true } },
        autoScalerProfile: { expander: 'least-waste' },
        networkProfile: {
          networkPlugin: 'azure',
          networkPluginMode: 'overlay',
          networkPolicy: 'cilium',
          networkDataplane: 'cilium',
          podCidr: '10.244.0.0/16',
          serviceCidr: '10.245.0.0/16',
          dnsServiceIP: '10.245.0.10',
        },
        agentPoolProfiles: [
          {
            name: 'system',
            mode: 'System',
            count: SYSTEM_MACHINES,
            vmSize: SYSTEM_MACHINE,
            osDiskSizeGB: diskGib.azure,
            enableEncryptionAtHost: true,
            maxPods: PODS_PER_MACHINE,
            vnetSubnetID: subnetId,
            tags: { ...args.tags },
          },
        ],
      },
      this.#own,
    )
  }

  #pools(
    name: string,
    args: AzureClusterArgs,
    place: {
      readonly group: ResourceGroup
      readonly cluster: container.ManagedCluster
      readonly subnetId: pulumi.Output<string>
    },
  ): readonly container.AgentPool[] {
    return args.pools.map(
      (pool) =>
        new container.AgentPool(
          `${name}-${pool.name}`,
          {
            resourceGroupName: place.group.name,
            resourceName: place.cluster.name,
            agentPoolName: pool.name,
            mode: 'User',
            vnetSubnetID: place.subnetId,
            osDiskSizeGB: diskGib.azure,
            maxPods: PODS_PER_MACHINE,
            enableEncryptionAtHost: true,
            enableNodePublicIP: true,
            tags: { ...args.tags },
            ...agentPoolShape(pool),
          },
          // The autoscaler moves the count; it is not drift.
          { ...this.#own, ignoreChanges: ['count'] },
        ),
    )
  }

  #budget(name: string, args: AzureClusterArgs, group: ResourceGroup): Budget {
    const alert = (thresholdType: string, threshold: number) => ({
      enabled: true,
      operator: 'GreaterThan',
      threshold,
      thresholdType,
      contactEmails: [args.budget.email],
    })
    return new Budget(
      name,
      {
        scope: group.id,
        category: 'Cost',
        amount: args.budget.usd,
        timeGrain: 'Monthly',
        timePeriod: { startDate: args.budgetFrom },
        notifications: {
          actual: alert('Actual', BUDGET_THRESHOLDS.actual),
          forecast: alert('Forecasted', BUDGET_THRESHOLDS.forecast),
        },
      },
      this.#own,
    )
  }
}

function agentPoolShape(pool: NodePool) {
  const spot = {
    scaleSetPriority: 'Spot',
    scaleSetEvictionPolicy: 'Delete',
    // Up to the price on demand.
    spotMaxPrice: -1,
    nodeTaints: [`${SPOT_TAINT.key}=${SPOT_TAINT.value}:${SPOT_TAINT.effect}`],
  }
  return {
    vmSize: pool.machineType,
    count: pool.count,
    enableAutoScaling: true,
    minCount: pool.isSpot ? 0 : pool.count,
    maxCount: pool.countMax,
    nodeLabels: { [POOL_LABEL]: pool.name },
    ...(pool.isSpot ? spot : { scaleSetPriority: 'Regular' }),
  }
}
