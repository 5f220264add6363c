import { ApiProxy } from '../cluster/api-proxy/api-proxy.ts'
import { type Cluster, type ClusterOptions, startCluster } from '../cluster/cluster.ts'
import { install, operatorToken, RELEASE } from './install.ts'
import { OperatorProcess } from './operator-process.ts'

export const NAMESPACE = 'shardnet'

/** A cluster with the charts installed, and a proxy by which operators reach its API server. */
export class Stage {
  readonly cluster: Cluster
  readonly proxy: ApiProxy
  readonly url: string
  readonly token: string

  private constructor(cluster: Cluster, proxy: ApiProxy, url: string, token: string) {
    this.cluster = cluster
    this.proxy = proxy
    this.url = url
    this.token = token
  }

  static async set(options: ClusterOptions): Promise<Stage> {
    const cluster = await startCluster({ fakeNodes: { count: 6 }, ...options })
    try {
      // The chart's own pods run nowhere: nodes are fake. The operators of the tests are processes beside the cluster.
      await install(cluster, { namespace: NAMESPACE })
      const token = await operatorToken(cluster, NAMESPACE)
      const proxy = new ApiProxy(cluster.controlPlane.access)
      return new Stage(cluster, proxy, await proxy.listen(), token)
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  startOperator(environment: Readonly<Record<string, string>> = {}): Promise<OperatorProcess> {
    const { url, token } = this
    return OperatorProcess.start(this.cluster, { namespace: NAMESPACE, url, token, environment })
  }

  /** As if the lease of a killed operator had run out: the next one need not wait for it. */
  async forgetLease(): Promise<void> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${RELEASE}`
    await this.cluster.api.ask({ method: 'DELETE', path })
  }

  async stop(): Promise<void> {
    await this.proxy.close()
    await this.cluster.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
