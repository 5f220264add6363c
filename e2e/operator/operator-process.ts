import { isRunning } from '@shardnet/operator/process-identity'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kubeconfigText } from '../cluster/api/kubeconfig.ts'
import type { ApiAccess } from '../cluster/api/api-client.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { waitUntil } from '../cluster/process/wait-until.ts'
import { RELEASE } from './install.ts'

const PROGRAM = fileURLToPath(import.meta.resolve('@shardnet/operator/main'))
const START_MAX_MS = 60_000

export interface OperatorOptions {
  /** Tells several operators of one cluster apart. */
  readonly name?: string
  readonly namespace: string
  readonly token: string
  /** Where it believes the API server to be; default: where it is. */
  readonly url?: string
  readonly environment?: Readonly<Record<string, string>>
  /** What Node is started with instead of the operator's sources. */
  readonly program?: readonly string[]
}

/** Of validators whose Testnet names none. In a cluster of the user's own its nodes have to find it. */
const VALIDATOR_IMAGE = process.env['SHARDNET_E2E_IMAGE'] ?? 'localhost/shardnet:1'

let started = 0

/**
 * An operator as a process beside the cluster, with the service account's rights: it can be killed and stopped to the
 * instruction, which a pod cannot.
 */
export class OperatorProcess {
  readonly name: string
  readonly #cluster: Cluster

  private constructor(name: string, cluster: Cluster) {
    this.name = name
    this.#cluster = cluster
  }

  static async start(cluster: Cluster, options: OperatorOptions): Promise<OperatorProcess> {
    const name = `${options.name ?? 'operator'}-${started++}`
    const { certificateAuthority, url } = cluster.access
    const access: ApiAccess = {
      url: options.url ?? url,
      certificateAuthority,
      token: options.token,
    }
    const kubeconfig = join(cluster.folder, `${name}.kubeconfig`)
    await writeFile(kubeconfig, kubeconfigText(name, access), { mode: 0o600 })
    // Tables of accounts take a while to derive, and are the same for every operator.
    const cacheFolder = join(cluster.folder, 'operator-cache')
    await mkdir(cacheFolder, { recursive: true })
    cluster.processes.start(name, [process.execPath, ...(options.program ?? [PROGRAM])], {
      env: {
        ...process.env,
        KUBECONFIG: kubeconfig,
        SHARDNET_ROLE: 'both',
        SHARDNET_NAMESPACES: options.namespace,
        SHARDNET_NAMESPACE: options.namespace,
        SHARDNET_LEASE: RELEASE,
        SHARDNET_IDENTITY: name,
        SHARDNET_HTTP_PORT: '0',
        SHARDNET_CACHE_FOLDER: cacheFolder,
        SHARDNET_IMAGE: VALIDATOR_IMAGE,
        ...options.environment,
      },
    })
    return new OperatorProcess(name, cluster)
  }

  get isRunning(): boolean {
    const identity = this.#cluster.processes.identityOf(this.name)
    return identity !== null && isRunning(identity)
  }

  signal(which: NodeJS.Signals): boolean {
    return this.#cluster.processes.signal(this.name, which)
  }

  /** At once, wherever it is; resolves when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await waitUntil(`the end of ${this.name}`, START_MAX_MS, () => !this.isRunning)
  }

  /** In order. */
  async stop(): Promise<void> {
    await this.#cluster.processes.stop(this.name)
  }

  log(): Promise<string> {
    return readFile(this.#cluster.processes.logOf(this.name), 'utf8')
  }
}
