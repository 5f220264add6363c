import type { ApiCall } from '../cluster/api-proxy/api-call.ts'
import { ApiProxy } from '../cluster/api-proxy/api-proxy.ts'
import { type Cluster, startCluster } from '../cluster/cluster.ts'
import { install, operatorToken } from './install.ts'
import { OperatorProcess } from './operator-process.ts'
import { nameOfRight, type Right, rightsIn, rightsOfCall, type Rule } from './rights-seen.ts'
import { NAMESPACE } from './stage.ts'

const ROLES = ['hub', 'member'] as const
export type RoleName = (typeof ROLES)[number]

/** A Role or ClusterRole that the chart made for an operator. */
export interface GrantedRole {
  readonly role: RoleName
  readonly path: string
  readonly rules: readonly Rule[]
}

/** A hub and a member of one cluster, each with an installation, a service account and a proxy of its own. */
export class RightsStage {
  readonly cluster: Cluster
  readonly granted: readonly GrantedRole[]
  readonly #parts: ReadonlyMap<RoleName, Part>

  private constructor(
    cluster: Cluster,
    parts: ReadonlyMap<RoleName, Part>,
    granted: readonly GrantedRole[],
  ) {
    this.cluster = cluster
    this.granted = granted
    this.#parts = parts
  }

  static async set(): Promise<RightsStage> {
    const cluster = await startCluster({ name: 'rights', fakeNodes: { count: 6 } })
    const parts = new Map<RoleName, Part>()
    const granted: GrantedRole[] = []
    for (const role of ROLES) {
      const release = releaseOf(role)
      const values = { role, gateways: role === 'member' }
      await install(cluster, { namespace: NAMESPACE, release, values })
      const token = await operatorToken(cluster, NAMESPACE, release)
      const part = new Part(new ApiProxy(cluster.access), token)
      await part.listen()
      parts.set(role, part)
      granted.push(...(await rolesOf(cluster, role)))
    }
    return new RightsStage(cluster, parts, granted)
  }

  part(role: RoleName): Part {
    const part = this.#parts.get(role)
    if (part === undefined) throw new RangeError(`no ${role}`)
    return part
  }

  /** Starts both, as if nobody had held their leases. */
  async startOperators(): Promise<void> {
    for (const [role, part] of this.#parts) await part.start(this.cluster, role)
  }

  async restart(role: RoleName): Promise<void> {
    await this.part(role).start(this.cluster, role)
  }

  async killOperators(): Promise<void> {
    for (const part of this.#parts.values()) await part.operator?.kill()
  }

  async setRules({ path }: GrantedRole, rules: readonly Rule[]): Promise<void> {
    await this.cluster.api.must({
      method: 'PATCH',
      path,
      body: { rules },
      contentType: 'application/merge-patch+json',
    })
  }

  async stop(): Promise<void> {
    for (const part of this.#parts.values()) await part.proxy.close()
    await this.cluster.stop()
  }
}

/** One of the two: what it asked for, and what it was refused. */
export class Part {
  readonly proxy: ApiProxy
  /** What was granted when it was needed. */
  readonly used = new Map<string, Right>()
  readonly refused: ApiCall[] = []
  operator: OperatorProcess | null = null
  readonly #token: string
  #url = ''

  constructor(proxy: ApiProxy, token: string) {
    this.proxy = proxy
    this.#token = token
    const use = (call: ApiCall, status: number): void => {
      for (const right of rightsOfCall(call, status)) this.used.set(nameOfRight(right), right)
    }
    proxy.interference = {
      onAnswered: (call, status) => {
        if (status === 403) this.refused.push(call)
        else use(call, status)
      },
    }
  }

  async listen(): Promise<void> {
    this.#url = await this.proxy.listen()
  }

  async start(cluster: Cluster, role: RoleName): Promise<void> {
    await this.operator?.kill()
    const lease = releaseOf(role)
    await cluster.api.ask({
      method: 'DELETE',
      path: `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${lease}`,
    })
    this.operator = await OperatorProcess.start(cluster, {
      name: role,
      namespace: NAMESPACE,
      token: this.#token,
      url: this.#url,
      environment: { SHARDNET_ROLE: role, SHARDNET_LEASE: lease },
    })
  }
}

function releaseOf(role: RoleName): string {
  return `shardnet-operator-${role}`
}

/** What the chart bound to its service account: in the namespace, and in the whole cluster. */
async function rolesOf(cluster: Cluster, role: RoleName): Promise<readonly GrantedRole[]> {
  const root = '/apis/rbac.authorization.k8s.io/v1'
  const folders = [`${root}/namespaces/${NAMESPACE}/roles`, `${root}/clusterroles`]
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const path = `${folder}?labelSelector=app.kubernetes.io%2Finstance%3D${releaseOf(role)}`
      const { items } = (await cluster.api.must({ path })) as {
        readonly items: readonly {
          readonly metadata: { readonly name: string }
          readonly rules: readonly Rule[]
        }[]
      }
      return items.map(({ metadata, rules }) => ({
        role,
        path: `${folder}/${metadata.name}`,
        rules,
      }))
    }),
  )
  return lists.flat()
}

/** Every right of both, with the role that grants it. */
export function grantsOf(granted: readonly GrantedRole[]) {
  return granted.flatMap((grant) => rightsIn(grant.rules).map((right) => ({ grant, right })))
}
