import type { KubernetesObject } from '../objects/kubernetes-object.ts'

/** The objects of a collection by `namespace/name`. */
export class WatchedList {
  readonly #objects = new Map<string, KubernetesObject>()

  get(key: string): KubernetesObject | undefined {
    return this.#objects.get(key)
  }

  all(): readonly KubernetesObject[] {
    return [...this.#objects.values()]
  }

  /**
   * Takes an object unless this state of it or a newer one is known: our own writes come back before the watch tells of
   * them. Returns whether it is news.
   */
  put(object: KubernetesObject): boolean {
    const known = this.#objects.get(keyOf(object))
    if (known !== undefined && known.metadata.uid === object.metadata.uid) {
      if (known.metadata.resourceVersion === object.metadata.resourceVersion) return false
      if (versionOf(known) > versionOf(object)) return false
    }
    this.#objects.set(keyOf(object), object)
    return true
  }

  remove(key: string): void {
    this.#objects.delete(key)
  }

  /** Removes an object that a list of that version did not have. Returns it; undefined where a newer state is known. */
  removeAt(key: string, version: string): KubernetesObject | undefined {
    const known = this.#objects.get(key)
    if (known === undefined || versionOf(known) > numberOf(version)) return undefined
    this.#objects.delete(key)
    return known
  }

  /** Takes a whole list. Returns what came, changed or went against what was known: what a lost event would have told. */
  replace(found: readonly KubernetesObject[]): readonly KubernetesObject[] {
    const fresh = new Map(found.map((object) => [keyOf(object), object]))
    const gone = [...this.#objects].filter(([key]) => !fresh.has(key)).map(([, object]) => object)
    const changed = found.filter((object) => {
      const known = this.#objects.get(keyOf(object))
      return known?.metadata.resourceVersion !== object.metadata.resourceVersion
    })
    this.#objects.clear()
    for (const [key, object] of fresh) this.#objects.set(key, object)
    return [...changed, ...gone]
  }
}

/** Versions count up within one collection of one API server. */
function versionOf({ metadata }: KubernetesObject): bigint {
  return numberOf(metadata.resourceVersion ?? '')
}

function numberOf(version: string): bigint {
  return /^[0-9]+$/.test(version) ? BigInt(version) : 0n
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
