import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cluster, startCluster } from '../../cluster/cluster.ts'
import { buildShardnetImage, SHARDNET_IMAGE } from '../../image/image-archive.ts'
import { install } from '../../operator/install.ts'

export const NAMESPACE = 'shardnet'
/** The same programs under another name: what a rollout goes to. */
export const NEXT_IMAGE = `${SHARDNET_IMAGE}-next`
export const MAX_MS = 300_000
const WAIT = `--timeout=${MAX_MS / 1_000}s`

/** A pod as the API server has it, as far as tests look. */
export interface PodSeen {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly labels: Readonly<Record<string, string>>
  }
  readonly spec: { readonly containers: readonly { readonly image: string }[] }
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

/** A cluster of real nodes with both charts and two names of the image, and `kubectl` as its user has it. */
export class PodStage {
  readonly cluster: Cluster
  readonly folder: string

  private constructor(cluster: Cluster, folder: string) {
    this.cluster = cluster
    this.folder = folder
  }

  static async set(name: string): Promise<PodStage> {
    const folder = await mkdtemp(join(tmpdir(), 'shardnet-pods-'))
    const images = [
      await buildShardnetImage(join(folder, 'shardnet.tar')),
      await buildShardnetImage(join(folder, 'next.tar'), NEXT_IMAGE),
    ]
    const cluster = await startCluster({ name, realNodes: { count: 2, images } })
    const stage = new PodStage(cluster, folder)
    await install(cluster, { namespace: NAMESPACE })
    await stage.kubectl('rollout', 'status', 'deployment/shardnet-operator', WAIT)
    return stage
  }

  async stop(): Promise<void> {
    await this.cluster.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  kubectl(...words: readonly string[]): Promise<string> {
    return this.cluster.mustRun('kubectl', ['--namespace', NAMESPACE, ...words])
  }

  async apply(kind: string, name: string, spec: object): Promise<void> {
    const object = { apiVersion: 'shardnet.dev/v1alpha1', kind, metadata: { name }, spec }
    const words = ['-n', NAMESPACE, 'apply', '-f', '-']
    await this.cluster.mustRun('kubectl', words, JSON.stringify(object))
  }

  /** Waits as a user does, and says everything that tells why it did not come. */
  async until(what: string, object: string): Promise<void> {
    try {
      await this.kubectl('wait', `--for=${what}`, object, WAIT)
    } catch (error) {
      throw new Error(`${String(error)}\n${await this.account()}`, { cause: error })
    }
  }

  /** How things stand, for the message of a failed test. */
  async account(): Promise<string> {
    const state = await this.kubectl('get', 'tn,shards,loadtests,faults,pods,jobs', '-o', 'wide')
    const events = await this.kubectl('get', 'events', '--sort-by=.lastTimestamp')
    const log = await this.kubectl('logs', 'deployment/shardnet-operator', '--tail=30')
    return `${state}\n${events.slice(-3_000)}\n${log}`
  }

  /** One object with what a status says. */
  async read(kind: string, name: string): Promise<Readonly<Record<string, unknown>>> {
    const object = JSON.parse(await this.kubectl('get', kind, name, '-o', 'json')) as {
      readonly status?: Readonly<Record<string, unknown>>
    }
    return object.status ?? {}
  }

  /** Validators of a testnet. */
  async validators(testnet: string): Promise<readonly PodSeen[]> {
    const selector = `shardnet.dev/testnet=${testnet},app.kubernetes.io/component=validator`
    const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${encodeURIComponent(selector)}`
    const { items } = (await this.cluster.api.must({ path })) as {
      readonly items: readonly PodSeen[]
    }
    return items
  }
}

export function isReady({ status }: PodSeen): boolean {
  return (
    status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false
  )
}

export function generationOf({ metadata }: PodSeen): number {
  return Number(metadata.labels['shardnet.dev/generation'])
}
