import { setTimeout as delay } from 'node:timers/promises'
import type { KubernetesObject, ObjectMetadata } from '../objects/kubernetes-object.ts'
import type { ApiClient } from './api-client.ts'
import { ApiError, isApiError } from './api-error.ts'
import { collectionPath, type Resource } from './resource.ts'
import { WatchedList } from './watched-list.ts'

export interface InformerOptions {
  readonly client: ApiClient
  readonly resource: Resource
  /** Null watches every namespace. */
  readonly namespace: string | null
  readonly labelSelector?: string
  /** Told of each object that came, changed or went: `namespace/name`, and its newest state (or last, when it went). */
  readonly onChange: (key: string, object: KubernetesObject) => void
  readonly onError: (error: ApiError) => void
  /** What is kept of each object: memory for what nobody reads adds up. */
  readonly project?: (object: KubernetesObject) => KubernetesObject
  readonly timing?: Partial<InformerTiming>
}

/** All in milliseconds. */
export interface InformerTiming {
  /** A watch is asked to end after this; the server sends bookmarks meanwhile. */
  readonly watchMs: number
  /** A watch in which nothing came for so long, no bookmark either, is cut: it may be dead. */
  readonly silentMs: number
  /** Every object is told again after this, in case something was overlooked. */
  readonly resyncMs: number
  readonly backOffMs: number
  readonly backOffMsMax: number
}

const TIMING: InformerTiming = {
  watchMs: 300_000,
  silentMs: 150_000,
  resyncMs: 600_000,
  backOffMs: 500,
  backOffMsMax: 30_000,
}

const PAGE = '500'

/**
 * A copy of a collection that follows the API server: list, then watch, again and again. Failed lists, watches that end,
 * fall silent or are too old lead to the next attempt, never to an end; what was missed meanwhile comes out of the list.
 */
export class Informer {
  readonly #options: InformerOptions
  readonly #timing: InformerTiming
  readonly #list = new WatchedList()
  readonly #stop = new AbortController()
  #ended: Promise<void> | null = null
  #resync: NodeJS.Timeout | null = null
  #heardAt = performance.now()
  #failures = 0
  #synced: (() => void)[] = []
  #isSynced = false

  constructor(options: InformerOptions) {
    this.#options = options
    this.#timing = { ...TIMING, ...options.timing }
  }

  start(): void {
    this.#ended = this.#follow()
    this.#resync = setInterval(() => this.#tellAll(), this.#timing.resyncMs)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    if (this.#resync !== null) clearInterval(this.#resync)
    await this.#ended
  }

  /** Resolves after the first complete list. */
  async synced(): Promise<void> {
    if (this.#isSynced) return
    await new Promise<void>((resolve) => this.#synced.push(resolve))
  }

  get isSynced(): boolean {
    return this.#isSynced
  }

  /** Since anything was heard: events, bookmarks, lists. */
  get ageMs(): number {
    return performance.now() - this.#heardAt
  }

  get(key: string): KubernetesObject | undefined {
    return this.#list.get(key)
  }

  all(): readonly KubernetesObject[] {
    return this.#list.all()
  }

  /**
   * Takes the answer to a write of ours, so that the next look does not rest on what was before it. It is told of at once:
   * the event that would tell of it may be lost with its watch, and the list after it holds nothing new then.
   */
  note(object: KubernetesObject): void {
    const { project = (each) => each, onChange, resource } = this.#options
    const kept = project(completed(object, resource))
    if (this.#list.put(kept)) onChange(keyOf(kept), kept)
  }

  /** Whether objects of that namespace are in the copy. */
  covers(namespace: string): boolean {
    return this.#options.namespace === null || this.#options.namespace === namespace
  }

  /**
   * Reads one object anew: an event that told of it may have been lost, and nothing more comes of an object that is gone.
   * By a list, which is the right that a copy needs anyway.
   */
  async refresh(namespace: string, name: string): Promise<void> {
    const { client, resource, labelSelector, onChange, onError } = this.#options
    try {
      const page = (await client.request({
        verb: 'list',
        path: collectionPath(resource, namespace),
        query: {
          fieldSelector: `metadata.name=${name}`,
          ...(labelSelector === undefined ? {} : { labelSelector }),
        },
        signal: this.#stop.signal,
      })) as ListPage
      const [item] = page.items ?? []
      if (item !== undefined) return this.note(item)
      const key = `${namespace}/${name}`
      const gone = this.#list.removeAt(key, page.metadata?.resourceVersion ?? '')
      if (gone !== undefined) onChange(key, gone)
    } catch (error) {
      // The copy stays as it is; whoever asked looks again anyway.
      onError(asApiError(error))
    }
  }

  /** Objects with a label of this value. */
  withLabel(label: string, value: string): readonly KubernetesObject[] {
    return this.#list.all().filter(({ metadata }) => metadata.labels?.[label] === value)
  }

  #tellAll(): void {
    for (const object of this.#list.all()) this.#options.onChange(keyOf(object), object)
  }

  async #follow(): Promise<void> {
    let version: string | null = null
    while (!this.#stop.signal.aborted) {
      try {
        version ??= await this.#relist()
        const startedAt = performance.now()
        version = await this.#watchFrom(version)
        this.#failures = 0
        // A server that ends every watch at once is not asked in a loop.
        if (performance.now() - startedAt < this.#timing.backOffMs)
          await this.#pause(this.#timing.backOffMs)
      } catch (error) {
        if (this.#stop.signal.aborted) return
        // Too old, or not even answered: only a list tells what is there.
        if (isApiError(error, 410) || isApiError(error)) version = null
        const wait = this.#backOffMs(error)
        this.#options.onError(asApiError(error))
        await this.#pause(wait)
      }
    }
  }

  /** Waits, or until the informer is stopped. */
  async #pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }

  #backOffMs(error: unknown): number {
    this.#failures += 1
    const { backOffMs, backOffMsMax } = this.#timing
    const grown = Math.min(backOffMsMax, backOffMs * 2 ** Math.min(this.#failures - 1, 20))
    const wanted = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0
    // A version that is too old is nobody's fault: the first list after it comes at once.
    if (isApiError(error, 410) && this.#failures === 1) return 0
    return Math.max(wanted, grown * (0.5 + Math.random() / 2))
  }

  async #relist(): Promise<string> {
    const {
      client,
      resource,
      namespace,
      labelSelector,
      project = (object) => object,
    } = this.#options
    const found: KubernetesObject[] = []
    let next = ''
    let version = ''
    do {
      const page = (await client.request({
        verb: 'list',
        path: collectionPath(resource, namespace),
        query: {
          limit: PAGE,
          ...(labelSelector === undefined ? {} : { labelSelector }),
          ...(next === '' ? {} : { continue: next }),
        },
        signal: this.#stop.signal,
      })) as ListPage
      for (const item of page.items ?? []) found.push(project(completed(item, resource)))
      next = page.metadata?.continue ?? ''
      version = page.metadata?.resourceVersion ?? ''
    } while (next !== '')
    this.#heard()
    const changes = this.#list.replace(found)
    this.#isSynced = true
    for (const resolve of this.#synced.splice(0)) resolve()
    for (const object of changes) this.#options.onChange(keyOf(object), object)
    return version
  }

  /** Follows one watch to its end. Returns the version from which the next one goes on. */
  async #watchFrom(version: string): Promise<string> {
    const { client, resource, namespace, labelSelector } = this.#options
    const query = {
      resourceVersion: version,
      allowWatchBookmarks: 'true',
      // Not all watches of a server at the same moment.
      timeoutSeconds: String(
        Math.ceil((this.#timing.watchMs / 1_000) * (0.75 + Math.random() / 2)),
      ),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    }
    const silence = new AbortController()
    const watchdog = setInterval(() => {
      if (this.ageMs > this.#timing.silentMs) silence.abort(new Error('the watch fell silent'))
    }, this.#timing.silentMs / 4)
    const signal = AbortSignal.any([silence.signal, this.#stop.signal])
    let newest = version
    try {
      this.#heard()
      for await (const line of client.watch(collectionPath(resource, namespace), query, signal)) {
        this.#heard()
        newest = this.#takeEvent(line) ?? newest
      }
    } finally {
      clearInterval(watchdog)
    }
    return newest
  }

  #takeEvent(line: string): string | null {
    const { resource, project = (object) => object } = this.#options
    const event = JSON.parse(line) as WatchEvent
    if (event.type === 'ERROR') {
      const {
        code = 500,
        reason = 'Unknown',
        message = 'the watch failed',
      } = event.object as Failure
      throw new ApiError({ status: code, reason, message })
    }
    const object = completed(event.object as KubernetesObject, resource)
    const version = object.metadata.resourceVersion ?? null
    if (event.type === 'BOOKMARK') return version
    const kept = project(object)
    const isDeleted = event.type === 'DELETED'
    if (isDeleted) this.#list.remove(keyOf(kept))
    const isNews = isDeleted || this.#list.put(kept)
    this.#failures = 0
    if (isNews) this.#options.onChange(keyOf(kept), kept)
    return version
  }

  #heard(): void {
    this.#heardAt = performance.now()
  }
}

interface ListPage {
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string }
  readonly items?: readonly KubernetesObject[]
}

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: unknown
}

interface Failure {
  readonly code?: number
  readonly reason?: string
  readonly message?: string
}

/** Items of a list do not say their kind, and who wrote which field is often longer than the fields. */
function completed(object: KubernetesObject, { apiVersion, kind }: Resource): KubernetesObject {
  const { managedFields: _written, ...metadata } = object.metadata as ServedMetadata
  return { ...object, apiVersion, kind, metadata }
}

interface ServedMetadata extends ObjectMetadata {
  readonly managedFields?: unknown
}

/** `namespace/name`. */
export function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new ApiError({ status: 0, reason: 'Broken', message }, { cause: error })
}
