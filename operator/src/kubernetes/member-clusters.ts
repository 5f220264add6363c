import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { accessOfKubeconfig } from './cluster-access.ts'
import { ClusterSession, OURS, type SessionOptions } from './cluster-session.ts'
import type { KindInformers } from './kind-informers.ts'
import { followNetworks, type NetworkCopies } from './network-copies.ts'
import { objectPath, RESOURCES } from './resource.ts'
import type { Writer } from './writer.ts'

/** A cluster that the hub writes Shards into. */
export interface MemberCluster {
  /** Null is the hub's own. */
  readonly name: string | null
  readonly session: ClusterSession
  readonly shards: KindInformers
  readonly networks: NetworkCopies
  readonly writer: Writer
  isReachable: boolean
  version: string | null
  seenAtMs: number
}

export interface MemberClustersOptions {
  readonly own: Pick<MemberCluster, 'session' | 'shards' | 'networks'>
  readonly session: Omit<SessionOptions, 'access' | 'namespaces'>
  /** Told of each change of ours in another cluster. */
  readonly onChange: (object: KubernetesObject) => void
  readonly manager: string
}

interface Joined {
  readonly member: MemberCluster
  /** Of the Secret it was made from: another one means another access. */
  readonly version: string
}

interface ClusterSpec {
  readonly kubeconfigSecret?: { readonly name: string; readonly key?: string }
}

/** The clusters of each namespace, by the Cluster objects in it. */
export class MemberClusters {
  readonly #options: MemberClustersOptions
  readonly #own: MemberCluster
  readonly #joined = new Map<string, Joined>()
  readonly #asked = new Set<string>()

  constructor(options: MemberClustersOptions) {
    this.#options = options
    const { session, shards, networks } = options.own
    const writer = session.writer(options.manager)
    const known = { isReachable: true, version: null, seenAtMs: Date.now() }
    this.#own = { name: null, session, shards, networks, writer, ...known }
  }

  get own(): MemberCluster {
    return this.#own
  }

  /** The cluster of a Cluster object; null until it was joined. */
  get(key: string): MemberCluster | null {
    return this.#joined.get(key)?.member ?? null
  }

  /** False until it is known whether it answers: its Shards look as if they were not there. */
  wasAsked(key: string): boolean {
    return this.#asked.has(key)
  }

  noteAsked(key: string): void {
    this.#asked.add(key)
  }

  /** Makes sure that a Cluster object's access is the one in use. @throws ApiError, AccessError */
  async join(key: string, cluster: KubernetesObject): Promise<MemberCluster> {
    const { kubeconfigSecret } = (cluster['spec'] ?? {}) as ClusterSpec
    const { name, namespace = '' } = cluster.metadata
    if (kubeconfigSecret === undefined) {
      const member = { ...this.#own, name }
      this.#joined.set(key, { member, version: 'own' })
      return member
    }
    const path = objectPath(RESOURCES.secrets, { namespace, name: kubeconfigSecret.name })
    const secret = (await this.#own.session.client.request({
      verb: 'get',
      path,
    })) as KubernetesObject & { readonly data?: Readonly<Record<string, string>> }
    const text = secret.data?.[kubeconfigSecret.key ?? 'kubeconfig'] ?? ''
    const version = `${secret.metadata.uid}/${secret.metadata.resourceVersion}`
    const known = this.#joined.get(key)
    if (known?.version === version) return known.member
    await this.leave(key)
    const member = await this.#open(name, namespace, Buffer.from(text, 'base64').toString())
    this.#joined.set(key, { member, version })
    return member
  }

  async leave(key: string): Promise<void> {
    const known = this.#joined.get(key)
    this.#joined.delete(key)
    this.#asked.delete(key)
    if (known !== undefined && known.version !== 'own') await known.member.session.stop()
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#joined.keys()].map((key) => this.leave(key)))
  }

  async #open(name: string, namespace: string, kubeconfig: string): Promise<MemberCluster> {
    const access = await accessOfKubeconfig(kubeconfig)
    const session = new ClusterSession({
      ...this.#options.session,
      access,
      namespaces: [namespace],
    })
    const shards = session.follow(RESOURCES.shards, { labelSelector: OURS })
    const networks = followNetworks(session)
    for (const copy of [shards, networks.configMaps, networks.networkPolicies])
      copy.onChange((_key, object) => this.#options.onChange(object))
    session.start()
    const writer = session.writer(this.#options.manager)
    const known = { isReachable: false, version: null, seenAtMs: 0 }
    return { name, session, shards, networks, writer, ...known }
  }
}
