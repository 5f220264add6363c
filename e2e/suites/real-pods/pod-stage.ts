import { LoadResult } from '@shardnet/load-generator'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cluster, startCluster } from '../../cluster/cluster.ts'
import { buildShardnetImage, SHARDNET_IMAGE } from '../../image/image-archive.ts'
import { capture } from '../../cluster/process/capture.ts'
import { install } from '../../operator/install.ts'
import { NamespaceReader } from '../../operator/snapshot.ts'

const NAMESPACE = 'shardnet'
/** The same programs under another name: what a rollout goes to. */
export const NEXT_IMAGE = `${SHARDNET_IMAGE}-next`
export const MAX_MS = 300_000
const CLI = join(import.meta.dirname, '..', '..', '..', 'cli', 'src', 'main.ts')
/** A file for what a user sees of a run: the transcript of `docs/operator.md`. */
const TRANSCRIPT = process.env['SHARDNET_TRANSCRIPT']
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
  readonly contents: NamespaceReader
  readonly #transcript: string[] = []

  private constructor(cluster: Cluster, folder: string) {
    this.cluster = cluster
    this.folder = folder
    this.contents = new NamespaceReader(cluster.api, NAMESPACE)
  }

  static async set(name: string): Promise<PodStage> {
    const folder = await mkdtemp(join(tmpdir(), 'shardnet-pods-'))
    const images = [await buildShardnetImage(join(folder, 'shardnet.tar'))]
    const aliases = { [NEXT_IMAGE]: SHARDNET_IMAGE }
    const cluster = await startCluster({ name, realNodes: { count: 2, images, aliases } })
    const stage = new PodStage(cluster, folder)
    const typed = await install(cluster, { namespace: NAMESPACE })
    for (const { command, answer } of typed) stage.#note(command, answer)
    const installed = await cluster.mustRun('helm', ['list', '--all-namespaces'])
    stage.#note('helm list --all-namespaces', installed)
    await stage.shown('rollout', 'status', 'deployment/shardnet-operator', WAIT)
    return stage
  }

  async stop(): Promise<void> {
    if (TRANSCRIPT !== undefined) await writeFile(TRANSCRIPT, this.#transcript.join('\n'))
    await this.cluster.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  kubectl(...words: readonly string[]): Promise<string> {
    return this.cluster.mustRun('kubectl', ['--namespace', NAMESPACE, ...words])
  }

  /** The same, for a transcript: what a user types and is answered. */
  async shown(...words: readonly string[]): Promise<string> {
    return this.#note(`kubectl ${words.join(' ')}`, await this.kubectl(...words))
  }

  /** `shardnet` as the user of this cluster has it. @throws with what it said when it fails. */
  async shardnet(...words: readonly string[]): Promise<string> {
    const env = {
      ...this.cluster.environment(),
      SHARDNET_HOME: join(this.folder, 'home'),
      INIT_CWD: this.folder,
    }
    const { code, text } = await capture(process.execPath, [CLI, ...words], { env })
    if (code !== 0) throw new Error(`shardnet ${words.join(' ')} failed (${code}):\n${text}`)
    return this.#note(`npx shardnet ${words.join(' ')}`, text)
  }

  /** Fetches the report of a LoadTest, whose pods need not be there. */
  async report(loadTest: string): Promise<LoadResult> {
    const words = ['--from-cluster', loadTest, '--namespace', NAMESPACE, '--out', loadTest]
    await this.shardnet('report', ...words)
    const file = join(this.folder, loadTest, 'result.json')
    return LoadResult.parse(JSON.parse(await readFile(file, 'utf8')))
  }

  #note(command: string, answer: string): string {
    this.#transcript.push(`$ ${command.replaceAll(`${this.folder}/`, '')}`)
    this.#transcript.push(answer.replaceAll(`${this.folder}/`, '').trimEnd(), '')
    return answer
  }

  async apply(kind: string, name: string, spec: object): Promise<void> {
    const object = { apiVersion: 'shardnet.dev/v1alpha1', kind, metadata: { name }, spec }
    const words = ['-n', NAMESPACE, 'apply', '-f', '-']
    const answer = await this.cluster.mustRun('kubectl', words, JSON.stringify(object))
    this.#note(`kubectl apply -f ${name}.yaml`, answer)
  }

  /** Waits as a user does, and says everything that tells why it did not come. */
  async until(what: string, object: string): Promise<void> {
    try {
      await this.shown('wait', `--for=${what}`, object, WAIT)
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
  validators(testnet: string): Promise<readonly PodSeen[]> {
    return this.podsOf(`shardnet.dev/testnet=${testnet},app.kubernetes.io/component=validator`)
  }

  async podsOf(selector: string): Promise<readonly PodSeen[]> {
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
