import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import type { ApiClient } from './api-client.ts'
import type { ApiError } from './api-error.ts'
import { Informer, type InformerTiming } from './informer.ts'
import type { Resource } from './resource.ts'
import type { Named } from './writer.ts'

export interface KindInformersOptions {
  readonly client: ApiClient
  readonly resource: Resource
  /** Null watches every namespace. */
  readonly namespaces: readonly string[] | null
  readonly labelSelector?: string
  readonly project?: (object: KubernetesObject) => KubernetesObject
  readonly onError: (error: ApiError) => void
  readonly timing?: Partial<InformerTiming>
}

type Listener = (key: string, object: KubernetesObject) => void

/** One kind of object in some namespaces of one cluster. */
export class KindInformers {
  readonly kind: string
  readonly #informers: readonly Informer[]
  readonly #listeners: Listener[] = []

  constructor(options: KindInformersOptions) {
    const { namespaces, ...rest } = options
    this.kind = options.resource.kind
    const onChange: Listener = (key, object) => {
      for (const listener of this.#listeners) listener(key, object)
    }
    this.#informers = (namespaces ?? [null]).map(
      (namespace) => new Informer({ ...rest, namespace, onChange }),
    )
  }

  onChange(listener: Listener): void {
    this.#listeners.push(listener)
  }

  start(): void {
    for (const informer of this.#informers) informer.start()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.stop()))
  }

  async synced(): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.synced()))
  }

  get isSynced(): boolean {
    return this.#informers.every((informer) => informer.isSynced)
  }

  get ageMs(): number {
    return Math.max(...this.#informers.map(({ ageMs }) => ageMs))
  }

  get(key: string): KubernetesObject | undefined {
    for (const informer of this.#informers) {
      const found = informer.get(key)
      if (found !== undefined) return found
    }
    return undefined
  }

  all(): readonly KubernetesObject[] {
    return this.#informers.flatMap((informer) => informer.all())
  }

  /** Reads one object anew: what told of it may have been lost. */
  async refresh({ namespace = '', name }: Named['metadata']): Promise<void> {
    const informers = this.#informers.filter((informer) => informer.covers(namespace))
    await Promise.all(informers.map((informer) => informer.refresh(namespace, name)))
  }

  note(object: KubernetesObject): void {
    const [one] = this.#informers
    // With several namespaces the watch tells soon enough; with one or all of them, the answer has its place.
    if (this.#informers.length === 1) one?.note(object)
  }
}
