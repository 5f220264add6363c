import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import type { ApiClient } from './api-client.ts'
import { collectionPath, RESOURCES } from './resource.ts'

export interface EventRecorderOptions {
  readonly client: ApiClient
  /** Name of the controller that speaks. */
  readonly reporter: string
  readonly instance: string
  readonly mayWrite: () => boolean
  readonly onError: (error: unknown) => void
}

/** Something worth telling the person who runs `kubectl describe`. */
export interface Note {
  readonly type: 'Normal' | 'Warning'
  /** CamelCase. */
  readonly reason: string
  /** What was done or tried, CamelCase. */
  readonly action: string
  readonly note: string
}

const NOTE_CHARACTERS_MAX = 1_000
const SAME_AGAIN_MS = 600_000
const REMEMBERED_MAX = 4_096

/** Writes events. The same one is told once in ten minutes, and a failure to tell it stops nothing. */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #toldAt = new Map<string, number>()

  constructor(options: EventRecorderOptions) {
    this.#options = options
  }

  async tell(about: KubernetesObject, note: Note): Promise<void> {
    const { client, reporter, instance, mayWrite, onError } = this.#options
    if (!mayWrite() || this.#isRepeated(about, note)) return
    const { name, namespace = 'default', uid = '' } = about.metadata
    const now = new Date().toISOString()
    const body = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { generateName: `${name}-`, namespace },
      eventTime: `${now.slice(0, 23)}000Z`,
      reportingController: `shardnet.dev/${reporter}`,
      reportingInstance: instance.slice(0, 128),
      type: note.type,
      reason: note.reason,
      action: note.action,
      note: note.note.slice(0, NOTE_CHARACTERS_MAX),
      regarding: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid },
    }
    try {
      const path = collectionPath(RESOURCES.events, namespace)
      await client.request({ verb: 'create', path, body })
    } catch (error) {
      onError(error)
    }
  }

  #isRepeated(about: KubernetesObject, note: Note): boolean {
    const words = JSON.stringify([about.metadata.uid, note.reason, note.note])
    const key = createHash('sha256').update(words).digest('base64')
    const told = this.#toldAt.get(key)
    const now = performance.now()
    if (told !== undefined && now - told < SAME_AGAIN_MS) return true
    if (this.#toldAt.size >= REMEMBERED_MAX) this.#toldAt.clear()
    this.#toldAt.set(key, now)
    return false
  }
}
