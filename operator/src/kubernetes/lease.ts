import { setTimeout as delay } from 'node:timers/promises'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import type { ApiClient } from './api-client.ts'
import { isApiError } from './api-error.ts'
import { collectionPath, objectPath, RESOURCES } from './resource.ts'

export interface LeaseOptions {
  readonly client: ApiClient
  readonly namespace: string
  readonly name: string
  /** Who we are: differs from every other process that may ever ask. */
  readonly identity: string
  readonly onError: (error: unknown) => void
  readonly timing?: LeaseTiming
}

/** All in milliseconds. */
export interface LeaseTiming {
  /** Others take the lease this long after its last renewal that they saw. */
  readonly durationMs: number
  /** The holder stops writing this long after its last renewal: before others may start. */
  readonly renewDeadlineMs: number
  readonly retryMs: number
}

/** The timing of a lease of that length, in the proportions of Kubernetes' own controllers: 15, 10 and 2 seconds. */
export function leaseTiming(seconds: number): LeaseTiming {
  const durationMs = seconds * 1_000
  return { durationMs, renewDeadlineMs: (durationMs * 2) / 3, retryMs: (durationMs * 2) / 15 }
}

const LEASE_SECONDS = 15

interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
  readonly leaseTransitions?: number
}

/**
 * One of several operators writes: the one that holds a Lease. Times are measured on our own clock from what we saw, so
 * clocks of machines need not agree. The clock goes on while a process is stopped: one that is woken up too late finds
 * that it is not the holder any more before it writes.
 */
export class Lease {
  readonly #options: LeaseOptions
  readonly #timing: LeaseTiming
  readonly #stop = new AbortController()
  #renewedAt = Number.NEGATIVE_INFINITY
  #seen = { version: '', at: 0 }
  #loop: Promise<void> | null = null

  constructor(options: LeaseOptions) {
    this.#options = options
    this.#timing = options.timing ?? leaseTiming(LEASE_SECONDS)
  }

  /** Whether we may write now. Asked before every write. */
  get isHeld(): boolean {
    return performance.now() - this.#renewedAt < this.#timing.renewDeadlineMs
  }

  /** Resolves when we hold the lease; goes on renewing it until `release`. `onLost` is called once when that fails. */
  async acquire(onLost: () => void): Promise<void> {
    while (!(await this.#try())) {
      await this.#wait(this.#timing.retryMs * (0.75 + Math.random() / 2))
      if (this.#stop.signal.aborted) return
    }
    this.#loop = this.#renew(onLost)
  }

  /** Gives the lease up, so that another one need not wait for it to run out. */
  async release(): Promise<void> {
    this.#stop.abort()
    await this.#loop
    if (!this.isHeld) return
    this.#renewedAt = Number.NEGATIVE_INFINITY
    try {
      const found = await this.#read()
      if (found === null || specOf(found).holderIdentity !== this.#options.identity) return
      await this.#write(found, { ...specOf(found), holderIdentity: '', leaseDurationSeconds: 1 })
    } catch (error) {
      this.#options.onError(error)
    }
  }

  async #renew(onLost: () => void): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#wait(this.#timing.retryMs)
      if (this.#stop.signal.aborted) return
      await this.#try()
      if (this.isHeld) continue
      onLost()
      return
    }
  }

  /** One attempt to take or renew the lease. */
  async #try(): Promise<boolean> {
    const startedAt = performance.now()
    try {
      const found = await this.#read()
      if (found === null) await this.#create()
      else if (!(await this.#take(found))) return false
      // From before the request: that is the latest moment at which nobody else can have seen it renewed later.
      this.#renewedAt = startedAt
      return true
    } catch (error) {
      // A conflict means that somebody else was faster, which the next attempt finds out.
      if (!isApiError(error, 409)) this.#options.onError(error)
      return false
    }
  }

  async #take(found: KubernetesObject): Promise<boolean> {
    const spec = specOf(found)
    const { identity } = this.#options
    const isOurs = spec.holderIdentity === identity
    if (!isOurs && !this.#isFree(found, spec)) return false
    const now = microTime()
    await this.#write(found, {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#timing.durationMs / 1_000),
      acquireTime: isOurs ? (spec.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (spec.leaseTransitions ?? 0) + (isOurs ? 0 : 1),
    })
    return true
  }

  /** Nobody holds it, or its holder was not seen to renew it for its whole duration. */
  #isFree(found: KubernetesObject, spec: LeaseSpec): boolean {
    if (spec.holderIdentity === undefined || spec.holderIdentity === '') return true
    const version = found.metadata.resourceVersion ?? ''
    if (version !== this.#seen.version) this.#seen = { version, at: performance.now() }
    return performance.now() - this.#seen.at > (spec.leaseDurationSeconds ?? LEASE_SECONDS) * 1_000
  }

  async #read(): Promise<KubernetesObject | null> {
    const { client, namespace, name } = this.#options
    try {
      const path = objectPath(RESOURCES.leases, { namespace, name })
      return (await client.request({ verb: 'get', path, ...this.#limit() })) as KubernetesObject
    } catch (error) {
      if (isApiError(error, 404)) return null
      throw error
    }
  }

  async #create(): Promise<void> {
    const { client, namespace, name, identity } = this.#options
    const now = microTime()
    const spec: LeaseSpec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#timing.durationMs / 1_000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    }
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace },
      spec,
    }
    const path = collectionPath(RESOURCES.leases, namespace)
    await client.request({ verb: 'create', path, body, ...this.#limit() })
  }

  /** With the version that was read: of two that take it at once, one gets a conflict. */
  async #write(found: KubernetesObject, spec: LeaseSpec): Promise<void> {
    const { client, namespace, name } = this.#options
    const path = objectPath(RESOURCES.leases, { namespace, name })
    await client.request({ verb: 'update', path, body: { ...found, spec }, ...this.#limit() })
  }

  #limit(): { readonly signal: AbortSignal } {
    return { signal: AbortSignal.timeout(this.#timing.renewDeadlineMs / 2) }
  }

  async #wait(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }
}

function specOf(object: KubernetesObject): LeaseSpec {
  return object['spec'] ?? {}
}

/** RFC 3339 with microseconds, as Leases have it. */
function microTime(): string {
  return `${new Date().toISOString().slice(0, 23)}000Z`
}
