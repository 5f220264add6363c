import type { KubernetesObject, ObjectMetadata } from '../objects/kubernetes-object.ts'
import type { ApiClient, ApiRequest } from './api-client.ts'
import { isApiError } from './api-error.ts'
import { objectPath, type Resource, resourceOf, RESOURCES } from './resource.ts'

/** A write that was not made because another operator may have taken over. */
export class DeposedError extends Error {
  override readonly name = 'DeposedError'

  constructor() {
    super('this operator does not hold the lease any more')
  }
}

/** One write in words, for dry runs and logs. */
export interface PlannedWrite {
  readonly verb: 'apply' | 'delete' | 'evict' | 'status' | 'finalizers'
  readonly object: KubernetesObject | { readonly kind: string; readonly metadata: ObjectMetadata }
}

export interface WriterOptions {
  readonly client: ApiClient
  /** Field manager: one per controller, so that each gives up fields of its own only. */
  readonly manager: string
  /** Whether we may write at this moment. */
  readonly mayWrite: () => boolean
  /** Told of an object that is not what a write rested on, before the write fails: the copy of it is behind. */
  readonly onStale: (object: Named) => Promise<void>
  /** In a dry run, told instead of writing. */
  readonly instead?: ((write: PlannedWrite) => void) | undefined
}

/** What says which object is meant. */
export interface Named {
  readonly kind: string
  readonly metadata: Pick<ObjectMetadata, 'name' | 'namespace'>
}

/** An object as it was found: what a deletion may rest on. */
export interface Found extends Named {
  readonly apiVersion: string
  readonly metadata: ObjectMetadata
}

const APPLY = 'application/apply-patch+yaml'

/** A version that no object has: an apply with it makes an object, and conflicts with one that is there. */
const NO_VERSION = '1'

/** What makes the API server refuse a write that rests on another state: a newer one, or an object made anew. */
function fenceOf(found: ObjectMetadata | null | undefined): Partial<ObjectMetadata> {
  if (found === undefined) return {}
  if (found === null) return { resourceVersion: NO_VERSION }
  const { resourceVersion, uid } = found
  return {
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(uid === undefined ? {} : { uid }),
  }
}

/** The only one that writes. Every write asks first whether it still may. */
export class Writer {
  readonly #options: WriterOptions

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /**
   * Server-side apply. With `found`, the write counts only while the object is the one that was looked at, or while there
   * is none where `found` is null: a decision on an old state changes nothing, however late it arrives. Without it, the
   * object has to be the same whoever writes it and whenever.
   */
  async apply(object: KubernetesObject, found?: ObjectMetadata | null): Promise<KubernetesObject> {
    const body = { ...object, metadata: { ...object.metadata, ...fenceOf(found) } }
    if (this.#isInstead({ verb: 'apply', object })) return object
    return (await this.#send(object, {
      verb: 'patch',
      path: objectPath(resourceOf(object), object.metadata),
      query: this.#managed(),
      contentType: APPLY,
      body,
    })) as KubernetesObject
  }

  /** Applies the status of an object, and nothing else of it. Returns the object as it is then. */
  async applyStatus(found: Found, status: object): Promise<KubernetesObject> {
    const { name, namespace } = found.metadata
    const metadata = {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...fenceOf(found.metadata),
    }
    const object = { apiVersion: found.apiVersion, kind: found.kind, metadata, status }
    if (this.#isInstead({ verb: 'status', object })) return { ...found, metadata: found.metadata }
    return (await this.#send(found, {
      verb: 'patch',
      path: `${objectPath(resourceOf(found), found.metadata)}/status`,
      query: this.#managed(),
      contentType: APPLY,
      body: object,
    })) as KubernetesObject
  }

  /** Sets the finalizers of an object that others write too. */
  async setFinalizers(found: Found, finalizers: readonly string[]): Promise<void> {
    const { kind, metadata } = found
    if (this.#isInstead({ verb: 'finalizers', object: { kind, metadata } })) return
    const { resourceVersion } = found.metadata
    await this.#send(found, {
      verb: 'patch',
      path: objectPath(resourceOf(found), found.metadata),
      contentType: 'application/merge-patch+json',
      body: {
        metadata: { finalizers, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      },
    })
  }

  /** Deletes an object that was found; with everything that it owns first, where `isForeground`. Gone is fine. */
  async remove(found: Found, isForeground = false): Promise<void> {
    if (this.#isInstead({ verb: 'delete', object: found })) return
    const { uid } = found.metadata
    await this.#ignoringGone(found, {
      verb: 'delete',
      path: objectPath(resourceOf(found), found.metadata),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: isForeground ? 'Foreground' : 'Background',
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      },
    })
  }

  /** Deletes an object by its name alone, whatever it is now. Gone is fine. */
  async removeNamed(resource: Resource, namespace: string, name: string): Promise<void> {
    const { apiVersion, kind } = resource
    await this.remove({ apiVersion, kind, metadata: { namespace, name } })
  }

  /**
   * Asks for a pod to go, as a drain would: the API server refuses when its budget is used up. Returns whether it goes.
   */
  async evict(pod: Pick<ObjectMetadata, 'name' | 'namespace' | 'uid'>): Promise<boolean> {
    const metadata = {
      name: pod.name,
      ...(pod.namespace === undefined ? {} : { namespace: pod.namespace }),
    }
    if (this.#isInstead({ verb: 'evict', object: { kind: 'Pod', metadata } })) return true
    try {
      await this.#options.client.request({
        verb: 'create',
        path: `${objectPath(RESOURCES.pods, metadata)}/eviction`,
        body: {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata,
          deleteOptions: { ...(pod.uid === undefined ? {} : { preconditions: { uid: pod.uid } }) },
        },
      })
      return true
    } catch (error) {
      if (isApiError(error, 429)) return false
      if (isApiError(error, 404)) return true
      throw error
    }
  }

  /**
   * Ends a pod as fast as its machine can: never by force, which would let a second one begin while the first one still
   * runs. Gone is fine.
   */
  async kill(pod: ObjectMetadata): Promise<void> {
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: pod }
    if (this.#isInstead({ verb: 'delete', object })) return
    await this.#ignoringGone(object, {
      verb: 'delete',
      path: objectPath(resourceOf(object), pod),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        gracePeriodSeconds: 1,
        ...(pod.uid === undefined ? {} : { preconditions: { uid: pod.uid } }),
      },
    })
  }

  /** Makes an object that must not be there yet; what is there already stays as it is. */
  async create(object: KubernetesObject): Promise<void> {
    if (this.#isInstead({ verb: 'apply', object })) return
    const path = objectPath(resourceOf(object), object.metadata).replace(/\/[^/]+$/, '')
    try {
      const query = { fieldManager: this.#options.manager }
      await this.#options.client.request({ verb: 'create', path, query, body: object })
    } catch (error) {
      if (!isApiError(error, 409) || error.reason !== 'AlreadyExists') throw error
    }
  }

  async #send(object: Named, request: ApiRequest): Promise<unknown> {
    try {
      return await this.#options.client.request(request)
    } catch (error) {
      if (isApiError(error, 409) || isApiError(error, 404)) await this.#options.onStale(object)
      throw error
    }
  }

  async #ignoringGone(object: Named, request: ApiRequest): Promise<void> {
    try {
      await this.#send(object, request)
    } catch (error) {
      // Not a conflict: whether something else is there by now, or the server was busy with it, is found out by looking again.
      if (!isApiError(error, 404)) throw error
    }
  }

  #managed(): Readonly<Record<string, string>> {
    return { fieldManager: this.#options.manager, force: 'true', fieldValidation: 'Strict' }
  }

  /** @throws {DeposedError} */
  #isInstead(write: PlannedWrite): boolean {
    if (this.#options.instead !== undefined) {
      this.#options.instead(write)
      return true
    }
    if (!this.#options.mayWrite()) throw new DeposedError()
    return false
  }
}
