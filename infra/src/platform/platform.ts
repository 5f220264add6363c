import { readFileSync } from 'node:fs'
import * as pulumi from '@pulumi/pulumi'
import { Namespace, Secret, ServiceAccount } from '@pulumi/kubernetes/core/v1/index.js'
import { Release } from '@pulumi/kubernetes/helm/v3/index.js'
import { Provider } from '@pulumi/kubernetes/provider.js'
import { Role, RoleBinding } from '@pulumi/kubernetes/rbac/v1/index.js'
import { parse } from 'yaml'
import type { Cluster } from '../clusters/cluster.ts'
import { kubeconfigOf } from '../clusters/kubeconfig.ts'

/** Namespace of the operator, of the hub's access, and of testnets. */
export const NAMESPACE = 'shardnet'
const MONITORING_NAMESPACE = 'shardnet-monitoring'
const CHARTS = '../charts'
/** Name of the chart and of its release. */
const OPERATOR = 'shardnet-operator'
const HELM_TIMEOUT_SECONDS = 600

/** What runs on a cluster so that testnets can. */
export interface PlatformArgs {
  readonly cluster: Cluster
  /** The hub also runs the shards of its own cluster, so it is both. */
  readonly role: 'both' | 'member'
  /** Whether there are other clusters, which needs addresses of machines. */
  readonly hasPeers: boolean
  readonly image: string
  /** Null: no monitoring. */
  readonly monitoring: {
    readonly testnet: string
    readonly pricePerHour: number
    readonly budget: number
  } | null
}

interface ChartArgs {
  readonly namespace: Namespace
  readonly values?: Readonly<Record<string, unknown>>
  readonly after?: readonly pulumi.Resource[]
}

/** CRDs, operator, monitoring, and in a member the account by which the hub reaches it. */
export class Platform extends pulumi.ComponentResource {
  readonly provider: Provider
  readonly operator: Release
  /** Kubeconfig of the hub's own account in this cluster; null in the hub. */
  readonly hubAccess: { readonly kubeconfig: pulumi.Output<string> } | null
  readonly #own: { readonly parent: pulumi.Resource; readonly provider: Provider }

  constructor(name: string, args: PlatformArgs, options?: pulumi.ComponentResourceOptions) {
    super('shardnet:platform:Platform', name, {}, options)
    this.provider = new Provider(
      name,
      // Charts and custom objects are applied server-side, as the operator does it.
      { kubeconfig: args.cluster.kubeconfig, enableServerSideApply: true },
      { parent: this, dependsOn: [...args.cluster.ready] },
    )
    this.#own = { parent: this, provider: this.provider }
    const namespace = this.#namespace(name, NAMESPACE)
    const crds = this.#chart(`${name}-crds`, 'shardnet-crds', { namespace })
    this.operator = this.#chart(`${name}-operator`, OPERATOR, {
      namespace,
      values: { role: args.role, image: imageValues(args.image), gateways: args.hasPeers },
      after: [crds],
    })
    if (args.monitoring !== null) this.#monitoring(name, args.monitoring)
    this.hubAccess =
      args.role === 'member' ? { kubeconfig: this.#hubAccess(name, args.cluster, namespace) } : null
    this.registerOutputs({})
  }

  #namespace(name: string, namespaceName: string): Namespace {
    return new Namespace(
      `${name}-${namespaceName}`,
      {
        metadata: {
          name: namespaceName,
          labels: {
            'pod-security.kubernetes.io/enforce': 'restricted',
            // Validators let namespaces with this label read their metrics.
            'shardnet.dev/access': 'true',
          },
        },
      },
      this.#own,
    )
  }

  #chart(name: string, chart: string, args: ChartArgs): Release {
    const { namespace, values = {}, after = [] } = args
    return new Release(
      name,
      {
        name: chart,
        chart: `${CHARTS}/${chart}`,
        namespace: namespace.metadata.name,
        values: { ...values },
        atomic: true,
        timeout: HELM_TIMEOUT_SECONDS,
      },
      { ...this.#own, dependsOn: [...after] },
    )
  }

  #monitoring(
    name: string,
    { testnet, pricePerHour, budget }: NonNullable<PlatformArgs['monitoring']>,
  ): void {
    const namespace = this.#namespace(name, MONITORING_NAMESPACE)
    this.#chart(`${name}-monitoring`, 'shardnet-monitoring', {
      namespace,
      values: {
        cluster: name,
        price: { testnet, perHour: pricePerHour, budget },
        prometheus: { enabled: true },
        grafana: { enabled: true },
      },
    })
  }

  /**
   * The hub writes Shards, Secrets and ConfigMaps in members by an account of its own there: clouds' own credentials are a
   * person's, and need commands that no operator has.
   */
  #hubAccess(name: string, cluster: Cluster, namespace: Namespace): pulumi.Output<string> {
    const metadata = { name: 'shardnet-hub', namespace: namespace.metadata.name }
    const account = new ServiceAccount(`${name}-hub`, { metadata }, this.#own)
    const role = new Role(`${name}-hub`, { metadata, rules: hubRules() }, this.#own)
    new RoleBinding(
      `${name}-hub`,
      {
        metadata,
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'Role',
          name: role.metadata.name,
        },
        subjects: [{ kind: 'ServiceAccount', ...metadata }],
      },
      this.#own,
    )
    const token = new Secret(
      `${name}-hub`,
      {
        metadata: {
          ...metadata,
          annotations: { 'kubernetes.io/service-account.name': account.metadata.name },
        },
        type: 'kubernetes.io/service-account-token',
      },
      { ...this.#own, additionalSecretOutputs: ['data'] },
    )
    const data = token.data.apply((values) => values ?? {})
    return kubeconfigOf({
      name,
      server: cluster.kubeconfig.apply(serverOf),
      authority: data.apply((values) => values['ca.crt'] ?? ''),
      user: data.apply((values) => ({
        token: Buffer.from(values['token'] ?? '', 'base64').toString('utf8'),
      })),
    })
  }
}

interface Rule {
  readonly apiGroups: string[]
  readonly resources: string[]
  readonly verbs: string[]
}

/** What a hub may do in a member, in one namespace. */
function hubRules(): Rule[] {
  return parse(
    readFileSync(
      new URL(`../../${CHARTS}/${OPERATOR}/files/hub-abroad-rules.yaml`, import.meta.url),
      'utf8',
    ),
  )
}

/** Address of the API server that a kubeconfig names, JSON or YAML. */
function serverOf(kubeconfig: string): string {
  return /["']?server["']?:\s*["']?(https?:\/\/[^\s"',}]+)/.exec(kubeconfig)?.[1] ?? ''
}

/** An image reference as the chart's values take it. */
function imageValues(image: string): Readonly<Record<string, string>> {
  const [name = '', digest] = image.split('@')
  if (digest !== undefined) return { repository: name, digest }
  const colon = name.lastIndexOf(':')
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) }
}
