import type { z } from 'zod'
import { checkDocument, type Document, hasProblems } from './document.ts'

/** An object as an API server hands it out. */
export interface ServedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

/** Copies of a collection are looked at over and over; each state of an object is an object of its own. */
const documents = new WeakMap<ServedObject, Document | null>()

/**
 * The document in an object of an API server, which has checked it already; null when it is none for us, such as one
 * that was stored under an older schema. Fields of Kubernetes itself are left behind.
 */
export function documentOf(object: ServedObject): Document | null {
  const known = documents.get(object)
  if (known !== undefined) return known
  const found = checked(object)
  const document = hasProblems(found) ? null : found
  documents.set(object, document)
  return document
}

/** What is wrong with an object that is no document, one line each. */
export function problemsOfObject(object: ServedObject): readonly string[] {
  const found = checked(object)
  if (!hasProblems(found)) return []
  return found.map(({ path, expected, got }) => `${path}: expected ${expected}, got ${got}`)
}

function checked(object: ServedObject): ReturnType<typeof checkDocument> {
  const { apiVersion, kind, metadata } = object
  const { name, labels, annotations } = metadata
  return checkDocument({
    apiVersion,
    kind,
    metadata: {
      name,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: object['spec'],
  })
}

/** The status of an object; empty when there is none yet or when it is of another form. */
export function statusOf<Status extends object>(
  schema: z.ZodType<Status>,
  object: ServedObject,
): Partial<Status> {
  const parsed = schema.safeParse(object['status'] ?? {})
  return parsed.success ? parsed.data : {}
}
