import type { ApiClient } from './api-client.ts'
import { collectionPath } from './resource.ts'

type Newest = ReadonlyMap<string, string>

interface RefusalEvent {
  readonly involvedObject?: { readonly name?: string }
  readonly message?: string
  readonly lastTimestamp?: string
}

const KEPT_MS_MIN = 2_000
/** An API server reads all events of a namespace for each answer: it is asked for a small part of its time. */
const KEPT_PER_MS_ASKED = 20
const EVENTS_MAX = '500'

/** Why StatefulSets get no pods made, in the API server's words: one question for all sets of a namespace. */
export class Refusals {
  readonly #client: ApiClient
  readonly #asked = new Map<string, Promise<Newest>>()
  readonly #keptUntilMs = new Map<string, number>()

  constructor(client: ApiClient) {
    this.#client = client
  }

  /** The newest complaint about a set; null when nobody complained lately. @throws ApiError */
  async of(namespace: string, set: string): Promise<string | null> {
    const isOld =
      (this.#keptUntilMs.get(namespace) ?? Number.POSITIVE_INFINITY) <= performance.now()
    let asked = isOld ? undefined : this.#asked.get(namespace)
    if (asked === undefined) {
      asked = this.#askAndKeep(namespace)
      this.#asked.set(namespace, asked)
      this.#keptUntilMs.delete(namespace)
    }
    return (await asked).get(set) ?? null
  }

  async #askAndKeep(namespace: string): Promise<Newest> {
    const startedMs = performance.now()
    try {
      const newest = await this.#ask(namespace)
      const nowMs = performance.now()
      const keptMs = Math.max(KEPT_MS_MIN, (nowMs - startedMs) * KEPT_PER_MS_ASKED)
      this.#keptUntilMs.set(namespace, nowMs + keptMs)
      return newest
    } catch (error) {
      this.#asked.delete(namespace)
      throw error
    }
  }

  async #ask(namespace: string): Promise<Newest> {
    const list = (await this.#client.request({
      verb: 'list',
      path: collectionPath({ apiVersion: 'v1', kind: 'Event', plural: 'events' }, namespace),
      query: {
        fieldSelector: 'involvedObject.kind=StatefulSet,reason=FailedCreate',
        limit: EVENTS_MAX,
      },
    })) as { readonly items?: readonly RefusalEvent[] }
    const byAge = [...(list.items ?? [])].sort((one, other) =>
      (one.lastTimestamp ?? '').localeCompare(other.lastTimestamp ?? ''),
    )
    return new Map(
      byAge.map(({ involvedObject, message }) => [involvedObject?.name ?? '', message ?? '']),
    )
  }
}
