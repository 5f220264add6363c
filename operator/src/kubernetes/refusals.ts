import type { ApiClient } from './api-client.ts'
import { collectionPath } from './resource.ts'

type Newest = ReadonlyMap<string, string>

interface Asked {
  readonly newest: Promise<Newest>
  /** While nothing was answered, everybody waits for the same answer. */
  untilMs: number
}

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
  readonly #asked = new Map<string, Asked>()

  constructor(client: ApiClient) {
    this.#client = client
  }

  /** The newest complaint about a set; null when nobody complained lately. @throws ApiError */
  async of(namespace: string, set: string): Promise<string | null> {
    const known = this.#asked.get(namespace)
    const isFresh = known !== undefined && performance.now() < known.untilMs
    const { newest } = isFresh ? known : this.#askAgain(namespace)
    return (await newest).get(set) ?? null
  }

  #askAgain(namespace: string): Asked {
    const startedMs = performance.now()
    const asked = { newest: this.#ask(namespace), untilMs: Number.POSITIVE_INFINITY }
    this.#asked.set(namespace, asked)
    asked.newest.then(
      () => (asked.untilMs = keptUntilMs(startedMs)),
      () => this.#asked.delete(namespace),
    )
    return asked
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

function keptUntilMs(startedMs: number): number {
  const nowMs = performance.now()
  return nowMs + Math.max(KEPT_MS_MIN, (nowMs - startedMs) * KEPT_PER_MS_ASKED)
}
