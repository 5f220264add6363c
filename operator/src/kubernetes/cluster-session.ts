import { MANAGED_BY } from '../objects/labels.ts'
import { ApiClient } from './api-client.ts'
import type { ApiError } from './api-error.ts'
import type { ClusterAccess } from './cluster-access.ts'
import { KindInformers, type KindInformersOptions } from './kind-informers.ts'
import { isWatchedKind, type OperatorMetrics } from './operator-metrics.ts'
import type { Resource } from './resource.ts'
import { type Named, Writer, type WriterOptions } from './writer.ts'

export interface SessionOptions {
  readonly access: ClusterAccess
  readonly namespaces: readonly string[] | null
  readonly metrics: OperatorMetrics
  readonly mayWrite: () => boolean
  readonly instead: WriterOptions['instead']
  readonly onError: (what: string, error: ApiError) => void
}

/** Objects that the operator wrote; of others' it keeps no copy. */
export const OURS = `app.kubernetes.io/managed-by=${MANAGED_BY}`

/** What one process has to do with one cluster: its client, its writers, its copies of collections. */
export class ClusterSession {
  readonly client: ApiClient
  readonly #options: SessionOptions
  readonly #informers: KindInformers[] = []

  constructor(options: SessionOptions) {
    this.#options = options
    const { metrics } = options
    this.client = new ApiClient(options.access, {
      onCall: (verb, status) => metrics.countCall(verb, status),
    })
  }

  get namespaces(): readonly string[] | null {
    return this.#options.namespaces
  }

  writer(manager: string): Writer {
    const { mayWrite, instead } = this.#options
    const onStale = (object: Named): Promise<void> => this.#refresh(object)
    return new Writer({ client: this.client, manager, mayWrite, onStale, instead })
  }

  /** Reads an object anew into whatever copies there are of its kind. */
  async #refresh({ kind, metadata }: Named): Promise<void> {
    const informers = this.#informers.filter((each) => each.kind === kind)
    await Promise.all(informers.map((each) => each.refresh(metadata)))
  }

  /** Follows a collection; started by the caller once its listeners are there. */
  follow(
    resource: Resource,
    choice: Pick<KindInformersOptions, 'labelSelector' | 'project'> = {},
  ): KindInformers {
    const { metrics, namespaces, onError } = this.#options
    const informers = new KindInformers({
      client: this.client,
      resource,
      namespaces,
      ...choice,
      onError: (error) => {
        const { kind } = resource
        if (isWatchedKind(kind)) metrics.handles.watchErrors.inc({ kind })
        onError(`watching ${resource.plural}`, error)
      },
    })
    metrics.watch(informers)
    this.#informers.push(informers)
    return informers
  }

  start(): void {
    for (const informers of this.#informers) informers.start()
  }

  async synced(): Promise<void> {
    await Promise.all(this.#informers.map((informers) => informers.synced()))
  }

  get isSynced(): boolean {
    return this.#informers.every(({ isSynced }) => isSynced)
  }

  async stop(): Promise<void> {
    for (const informers of this.#informers) this.#options.metrics.forget(informers)
    await Promise.all(this.#informers.map((informers) => informers.stop()))
  }
}
