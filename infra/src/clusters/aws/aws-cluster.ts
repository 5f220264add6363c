import * as pulumi from '@pulumi/pulumi'
import { Budget } from '@pulumi/aws/budgets/index.js'
import { LaunchTemplate } from '@pulumi/aws/ec2/index.js'
import * as eks from '@pulumi/aws/eks/index.js'
import { Key } from '@pulumi/aws/kms/index.js'
import { Provider } from '@pulumi/aws/provider.js'
import {
  BUDGET_THRESHOLDS,
  POOL_LABEL,
  SPOT_TAINT,
  type Cluster,
  type ClusterArgs,
  type NodePool,
} from '../cluster.ts'
import { execUser, kubeconfigOf } from '../kubeconfig.ts'
import { AwsNetwork } from './aws-network.ts'
import { awsRole } from './aws-roles.ts'
import { diskGib } from '../disk-size.ts'

const KUBERNETES_VERSION = '1.34'
/** Network, name service, identities of pods, disks. */
const ADDONS = ['vpc-cni', 'coredns', 'kube-proxy', 'eks-pod-identity-agent', 'aws-ebs-csi-driver']

/** EKS, from plain resources: each of them is seen by the tests, which the packaged component would hide. */
export class AwsCluster extends pulumi.ComponentResource implements Cluster {
  readonly cloud = 'aws'
  readonly region: string
  readonly kubeconfig: pulumi.Output<string>
  readonly ready: readonly pulumi.Resource[]
  readonly #own: { readonly parent: pulumi.Resource; readonly provider: Provider }

  constructor(name: string, args: ClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super('shardnet:aws:Cluster', name, {}, options)
    this.region = args.region
    const provider = new Provider(
      name,
      { region: args.region as never, defaultTags: { tags: { ...args.tags } } },
      { parent: this },
    )
    this.#own = { parent: this, provider }
    const network = new AwsNetwork(
      `${name}-network`,
      { networkIndex: args.networkIndex, gatewayPorts: args.gatewayPorts, provider },
      { parent: this },
    )
    const cluster = this.#controlPlane(name, args, network)
    const pools = this.#pools(name, args, cluster, network)
    const addons = this.#addons(name, cluster, pools)
    this.#budget(name, args)
    this.kubeconfig = kubeconfigOf({
      name,
      server: cluster.endpoint,
      authority: cluster.certificateAuthority.apply(({ data }) => data ?? ''),
      user: cluster.name.apply((clusterName) =>
        execUser('aws', [
          'eks',
          'get-token',
          '--cluster-name',
          clusterName,
          '--region',
          args.region,
        ]),
      ),
    })
    this.ready = [...pools, ...addons]
    this.registerOutputs({ kubeconfig: this.kubeconfig, region: this.region })
  }

  #controlPlane(name: string, args: ClusterArgs, network: AwsNetwork): eks.Cluster {
    const role = awsRole(
      `${name}-control`,
      'eks.amazonaws.com',
      ['AmazonEKSClusterPolicy'],
      this.#own,
    )
    const key = new Key(
      `${name}-secrets`,
      { description: 'Secrets of the cluster', enableKeyRotation: true, deletionWindowInDays: 7 },
      this.#own,
    )
    return new eks.Cluster(
      name,
      {
        version: KUBERNETES_VERSION,
        roleArn: role.arn,
        encryptionConfig: { provider: { keyArn: key.arn }, resources: ['secrets'] },
        accessConfig: {
          authenticationMode: 'API',
          bootstrapClusterCreatorAdminPermissions: true,
        },
        enabledClusterLogTypes: ['api', 'audit', 'authenticator'],
        vpcConfig: {
          subnetIds: network.subnetIds,
          endpointPublicAccess: true,
          endpointPrivateAccess: true,
          publicAccessCidrs: [...args.apiAllowedCidrs],
        },
      },
      { ...this.#own, dependsOn: [...role.attachments] },
    )
  }

  #pools(
    name: string,
    args: ClusterArgs,
    cluster: eks.Cluster,
    network: AwsNetwork,
  ): readonly eks.NodeGroup[] {
    const role = awsRole(
      `${name}-nodes`,
      'ec2.amazonaws.com',
      ['AmazonEKSWorkerNodePolicy', 'AmazonEKS_CNI_Policy', 'AmazonEC2ContainerRegistryReadOnly'],
      this.#own,
    )
    const clusterGroup = cluster.vpcConfig.clusterSecurityGroupId
    return args.pools.map((pool) => {
      const template = new LaunchTemplate(
        `${name}-${pool.name}`,
        {
          vpcSecurityGroupIds: [clusterGroup, network.nodeSecurityGroupId],
          metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
          blockDeviceMappings: [
            {
              deviceName: '/dev/xvda',
              ebs: { encrypted: 'true', volumeSize: diskGib.aws, volumeType: 'gp3' },
            },
          ],
          tagSpecifications: ['instance', 'volume', 'network-interface'].map((resourceType) => ({
            resourceType,
            tags: { ...args.tags, Name: `${name}-${pool.name}` },
          })),
        },
        this.#own,
      )
      return new eks.NodeGroup(
        `${name}-${pool.name}`,
        {
          clusterName: cluster.name,
          nodeRoleArn: role.arn,
          subnetIds: network.subnetIds,
          launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
          ...nodeGroupShape(pool),
        },
        // The autoscaler moves desiredSize; it is not drift.
        {
          ...this.#own,
          dependsOn: [...role.attachments],
          ignoreChanges: ['scalingConfig.desiredSize'],
        },
      )
    })
  }

  #addons(
    name: string,
    cluster: eks.Cluster,
    pools: readonly eks.NodeGroup[],
  ): readonly eks.Addon[] {
    const disks = awsRole(
      `${name}-disks`,
      'pods.eks.amazonaws.com',
      ['service-role/AmazonEBSCSIDriverPolicy'],
      this.#own,
    )
    return ADDONS.map((addonName) => {
      const identity =
        addonName === 'aws-ebs-csi-driver'
          ? {
              podIdentityAssociations: [
                { roleArn: disks.arn, serviceAccount: 'ebs-csi-controller-sa' },
              ],
            }
          : {}
      return new eks.Addon(
        `${name}-${addonName}`,
        {
          clusterName: cluster.name,
          addonName,
          resolveConflictsOnCreate: 'OVERWRITE',
          ...identity,
        },
        { ...this.#own, dependsOn: [...pools, ...disks.attachments] },
      )
    })
  }

  #budget(name: string, args: ClusterArgs): Budget {
    const alert = (notificationType: string, threshold: number) => ({
      comparisonOperator: 'GREATER_THAN',
      thresholdType: 'PERCENTAGE',
      threshold,
      notificationType,
      subscriberEmailAddresses: [args.budget.email],
    })
    return new Budget(
      name,
      {
        budgetType: 'COST',
        limitAmount: String(args.budget.usd),
        limitUnit: 'USD',
        timeUnit: 'MONTHLY',
        costFilters: [
          { name: 'TagKeyValue', values: [`user:testnet$${args.tags['testnet'] ?? ''}`] },
        ],
        notifications: [
          alert('ACTUAL', BUDGET_THRESHOLDS.actual),
          alert('FORECASTED', BUDGET_THRESHOLDS.forecast),
        ],
      },
      this.#own,
    )
  }
}

function nodeGroupShape(pool: NodePool) {
  return {
    capacityType: pool.isSpot ? 'SPOT' : 'ON_DEMAND',
    instanceTypes: [pool.machineType],
    scalingConfig: {
      minSize: pool.isSpot ? 0 : pool.count,
      desiredSize: pool.count,
      maxSize: pool.countMax,
    },
    updateConfig: { maxUnavailable: 1 },
    labels: { [POOL_LABEL]: pool.name },
    taints: pool.isSpot ? [{ ...SPOT_TAINT, effect: 'NO_SCHEDULE' }] : [],
  }
}
