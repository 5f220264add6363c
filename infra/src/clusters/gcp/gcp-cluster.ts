import * as pulumi from '@pulumi/pulumi'
import { Budget } from '@pulumi/gcp/billing/index.js'
import { Firewall, Network, Subnetwork } from '@pulumi/gcp/compute/index.js'
import * as container from '@pulumi/gcp/container/index.js'
import { CryptoKey, CryptoKeyIAMMember, KeyRing } from '@pulumi/gcp/kms/index.js'
import { getProjectOutput } from '@pulumi/gcp/organizations/index.js'
import { IAMMember } from '@pulumi/gcp/projects/index.js'
import { Provider } from '@pulumi/gcp/provider.js'
import { Account } from '@pulumi/gcp/serviceaccount/index.js'
import {
  BUDGET_THRESHOLDS,
  POOL_LABEL,
  SPOT_TAINT,
  type Cluster,
  type ClusterArgs,
  type NodePool,
} from '../cluster.ts'
import { execUser, kubeconfigOf } from '../kubeconfig.ts'
import { diskGib } from '../disk-size.ts'

/** Rotation of the key that encrypts secrets. */
const ROTATION_SECONDS = 90 * 24 * 3600
const NODE_ROLES = [
  'roles/logging.logWriter',
  'roles/monitoring.metricWriter',
  'roles/artifactregistry.reader',
]

/** What GKE needs beyond the common arguments. */
export interface GcpClusterArgs extends ClusterArgs {
  readonly project: string
  readonly billingAccount: string
}

/** GKE, regional, with machines that have addresses of their own. */
export class GcpCluster extends pulumi.ComponentResource implements Cluster {
  readonly cloud = 'gcp'
  readonly region: string
  readonly kubeconfig: pulumi.Output<string>
  readonly ready: readonly pulumi.Resource[]
  readonly #own: { readonly parent: pulumi.Resource; readonly provider: Provider }

  constructor(name: string, args: GcpClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super('shardnet:gcp:Cluster', name, {}, options)
    this.region = args.region
    const { project, region } = args
    const provider = new Provider(
      name,
      { project, region, defaultLabels: { ...args.tags } },
      { parent: this },
    )
    this.#own = { parent: this, provider }
    const cluster = this.#controlPlane(name, args)
    this.ready = this.#pools(name, args, cluster)
    this.#budget(name, args)
    this.kubeconfig = kubeconfigOf({
      name,
      server: pulumi.interpolate`https://${cluster.endpoint}`,
      authority: cluster.masterAuth.apply(({ clusterCaCertificate }) => clusterCaCertificate),
      user: execUser('gke-gcloud-auth-plugin', []),
    })
    this.registerOutputs({ kubeconfig: this.kubeconfig, region: this.region })
  }

  #controlPlane(name: string, args: GcpClusterArgs): container.Cluster {
    const subnet = this.#network(name, args)
    const grant = this.#secretsKey(name, args)
    return new container.Cluster(
      name,
      {
        location: args.region,
        network: subnet.network,
        subnetwork: subnet.id,
        networkingMode: 'VPC_NATIVE',
        ipAllocationPolicy: {
          clusterSecondaryRangeName: 'pods',
          servicesSecondaryRangeName: 'services',
        },
        removeDefaultNodePool: true,
        initialNodeCount: 1,
        // `pulumi destroy` leaves nothing, which is the point of it.
        deletionProtection: false,
        releaseChannel: { channel: 'REGULAR' },
        workloadIdentityConfig: { workloadPool: `${args.project}.svc.id.goog` },
        databaseEncryption: { state: 'ENCRYPTED', keyName: grant.cryptoKeyId },
        masterAuthorizedNetworksConfig: {
          cidrBlocks: args.apiAllowedCidrs.map((cidrBlock) => ({
            cidrBlock,
            displayName: 'allowed',
          })),
        },
        enableShieldedNodes: true,
        datapathProvider: 'ADVANCED_DATAPATH',
        clusterAutoscaling: { autoscalingProfile: 'OPTIMIZE_UTILIZATION' },
        resourceLabels: { ...args.tags },
      },
      { ...this.#own, dependsOn: [grant] },
    )
  }

  #network(name: string, args: GcpClusterArgs): Subnetwork {
    const network = new Network(name, { autoCreateSubnetworks: false }, this.#own)
    const { from, to } = args.gatewayPorts
    new Firewall(
      `${name}-gateways`,
      {
        network: network.id,
        description: 'Validators of other clusters reach gateways',
        direction: 'INGRESS',
        sourceRanges: ['0.0.0.0/0'],
        targetTags: [name],
        allows: [{ protocol: 'tcp', ports: [`${from}-${to}`] }],
      },
      this.#own,
    )
    const block = `10.${args.networkIndex}`
    return new Subnetwork(
      name,
      {
        network: network.id,
        region: args.region,
        ipCidrRange: `${block}.0.0/18`,
        privateIpGoogleAccess: true,
        secondaryIpRanges: [
          { rangeName: 'pods', ipCidrRange: `${block}.128.0/17` },
          { rangeName: 'services', ipCidrRange: `${block}.64.0/20` },
        ],
      },
      this.#own,
    )
  }

  /** The grant comes back, not the key: a cluster that is made before it may use the key fails. */
  #secretsKey(name: string, args: GcpClusterArgs): CryptoKeyIAMMember {
    const ring = new KeyRing(name, { location: args.region }, this.#own)
    const key = new CryptoKey(
      name,
      { keyRing: ring.id, rotationPeriod: `${ROTATION_SECONDS}s` },
      this.#own,
    )
    const { number } = getProjectOutput({ projectId: args.project }, this.#own)
    return new CryptoKeyIAMMember(
      name,
      {
        cryptoKeyId: key.id,
        role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter',
        member: pulumi.interpolate`serviceAccount:service-${number}@container-engine-robot.iam.gserviceaccount.com`,
      },
      this.#own,
    )
  }

  #pools(
    name: string,
    args: GcpClusterArgs,
    cluster: container.Cluster,
  ): readonly container.NodePool[] {
    const account = new Account(
      name,
      { accountId: name, displayName: `Machines of ${name}` },
      this.#own,
    )
    const grants = NODE_ROLES.map(
      (role) =>
        new IAMMember(
          `${name}-${role.replace('roles/', '')}`,
          {
            project: args.project,
            role,
            member: pulumi.interpolate`serviceAccount:${account.email}`,
          },
          this.#own,
        ),
    )
    return args.pools.map(
      (pool) =>
        new container.NodePool(
          `${name}-${pool.name}`,
          {
            cluster: cluster.id,
            location: args.region,
            ...nodePoolShape(pool),
            management: { autoRepair: true, autoUpgrade: true },
            upgradeSettings: { maxSurge: 1, maxUnavailable: 0 },
            networkConfig: { enablePrivateNodes: false },
            nodeConfig: {
              ...nodeShape(pool),
              serviceAccount: account.email,
              oauthScopes: ['https://www.googleapis.com/auth/cloud-platform'],
              diskSizeGb: diskGib.gcp,
              diskType: 'pd-balanced',
              tags: [name],
              resourceLabels: { ...args.tags },
              shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
              workloadMetadataConfig: { mode: 'GKE_METADATA' },
            },
          },
          // The autoscaler moves the count; it is not drift.
          { ...this.#own, dependsOn: grants, ignoreChanges: ['initialNodeCount'] },
        ),
    )
  }

  #budget(name: string, args: GcpClusterArgs): Budget {
    return new Budget(
      name,
      {
        billingAccount: args.billingAccount,
        displayName: name,
        amount: {
          specifiedAmount: { currencyCode: 'USD', units: String(Math.floor(args.budget.usd)) },
        },
        budgetFilter: {
          projects: [`projects/${args.project}`],
          labels: { testnet: args.tags['testnet'] ?? '' },
        },
        thresholdRules: [
          { thresholdPercent: BUDGET_THRESHOLDS.actual / 100, spendBasis: 'CURRENT_SPEND' },
          { thresholdPercent: BUDGET_THRESHOLDS.forecast / 100, spendBasis: 'FORECASTED_SPEND' },
        ],
      },
      this.#own,
    )
  }
}

/** A regional pool counts machines per zone; totals keep what was asked for. */
function nodePoolShape(pool: NodePool) {
  return {
    initialNodeCount: Math.ceil(pool.count / 3),
    autoscaling: {
      totalMinNodeCount: pool.isSpot ? 0 : pool.count,
      totalMaxNodeCount: pool.countMax,
      locationPolicy: pool.isSpot ? 'ANY' : 'BALANCED',
    },
  }
}

function nodeShape(pool: NodePool) {
  return {
    machineType: pool.machineType,
    spot: pool.isSpot,
    labels: { [POOL_LABEL]: pool.name },
    taints: pool.isSpot ? [{ ...SPOT_TAINT, effect: 'NO_SCHEDULE' }] : [],
  }
}
