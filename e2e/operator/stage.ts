import { ApiProxy } from '../cluster/api-proxy/api-proxy.ts'
import { type Cluster, type ClusterOptions, startCluster } from '../cluster/cluster.ts'
import { openOwnCluster } from '../cluster/own-cluster.ts'
import { install, operatorToken, RELEASE } from './install.ts'
import { OperatorProcess } from './operator-process.ts'
import { NamespaceReader } from './snapshot.ts'

export const NAMESPACE = 'shardnet'

/** A namespace with the charts installed, and a proxy by which its operators reach the API server. */
export class Stage {
  readonly cluster: Cluster
  readonly namespace: string
  readonly contents: NamespaceReader
  readonly proxy: ApiProxy
  readonly url: string
  readonly token: string

  readonly #others: Stage[] = []
  #close: () => Promise<void>

  private constructor(
    cluster: Cluster,
    namespace: string,
    proxy: ApiProxy,
    { url, token }: { readonly url: string; readonly token: string },
  ) {
    this.cluster = cluster
    this.namespace = namespace
    this.contents = new NamespaceReader(cluster.api, namespace)
    this.proxy = proxy
    this.#close = () => cluster.stop()
    this.url = url
    this.token = token
  }

  /** In the user's own cluster, where there is one: `KUBECONFIG=… npm run e2e`. */
  static async setAnywhere(options: ClusterOptions): Promise<Stage> {
    const kubeconfig = process.env['KUBECONFIG']
    if (kubeconfig === undefined) return Stage.set(options)
    const { cluster, namespace, close } = await openOwnCluster(kubeconfig)
    try {
      const stage = await Stage.#in(cluster, namespace)
      // Its nodes may well run the chart's operators, which would take the lease.
      const words = ['scale', 'deployment', RELEASE, '--replicas=0', '--namespace', namespace]
      await cluster.mustRun('kubectl', words)
      const gone = [
        'wait',
        'pod',
        '--for=delete',
        '--selector=app.kubernetes.io/component=operator',
      ]
      await cluster.mustRun('kubectl', [...gone, '--namespace', namespace, '--timeout=120s'])
      stage.#close = close
      return stage
    } catch (error) {
      await close()
      throw error
    }
  }

  static async set(options: ClusterOptions): Promise<Stage> {
    const cluster = await startCluster({ fakeNodes: { count: 6 }, ...options })
    try {
      return await Stage.#in(cluster, NAMESPACE)
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  static async #in(cluster: Cluster, namespace: string): Promise<Stage> {
    // The chart's own pods run nowhere: nodes are fake. The operators of the tests are processes beside the cluster.
    await install(cluster, { namespace })
    const token = await operatorToken(cluster, namespace)
    const proxy = new ApiProxy(cluster.access)
    return new Stage(cluster, namespace, proxy, { url: await proxy.listen(), token })
  }

  /** Another namespace of the same cluster, with an installation of its own. It goes with this one. */
  async beside(namespace: string): Promise<Stage> {
    const other = await Stage.#in(this.cluster, namespace)
    this.#others.push(other)
    return other
  }

  /** @param url default: of the proxy */
  startOperator(
    environment: Readonly<Record<string, string>> = {},
    url = this.url,
  ): Promise<OperatorProcess> {
    const { namespace, token } = this
    return OperatorProcess.start(this.cluster, { namespace, url, token, environment })
  }

  /** As if the lease of a killed operator had run out: the next one need not wait for it. */
  async forgetLease(): Promise<void> {
    await this.cluster.api.ask({ method: 'DELETE', path: this.#leasePath })
  }

  /** Whether somebody has the lease, and it is not that operator. */
  async isLedByAnother({ name }: OperatorProcess): Promise<boolean> {
    const { body } = await this.cluster.api.ask({ path: this.#leasePath })
    const { spec } = body as { readonly spec?: { readonly holderIdentity?: string } }
    const holder = spec?.holderIdentity ?? ''
    return holder !== '' && !holder.startsWith(`${name}_`)
  }

  get #leasePath(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.namespace}/leases/${RELEASE}`
  }

  async stop(): Promise<void> {
    for (const { proxy } of this.#others) await proxy.close()
    await this.proxy.close()
    await this.#close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
