import type { z } from 'zod'
import { Cluster } from './cluster.ts'
import {
  contradictionsIn,
  contradictionsInLoadTest,
  contradictionsInShard,
} from './contradictions.ts'
import { Fault } from './fault.ts'
import { API_VERSION } from './field.ts'
import { LoadTest } from './load-test.ts'
import { type FieldProblem, problemAt, problemsOf } from './problem.ts'
import { Shard } from './shard.ts'
import { Testnet } from './testnet.ts'

/** Any object of our API group. */
export type Document = Testnet | LoadTest | Fault | Cluster | Shard

/** The schema of each kind. */
export const schemaOfKind: Readonly<Record<Document['kind'], z.ZodType<Document>>> = {
  Testnet,
  LoadTest,
  Fault,
  Cluster,
  Shard,
}

/** Whether a text names one of our kinds. */
export function isKind(text: unknown): text is Document['kind'] {
  return typeof text === 'string' && Object.hasOwn(schemaOfKind, text)
}

/** Whether a check found problems. */
export function hasProblems(
  found: Document | readonly FieldProblem[],
): found is readonly FieldProblem[] {
  return Array.isArray(found)
}

function contradictionsOfKind(kind: Document['kind'], value: object): readonly FieldProblem[] {
  if (kind === 'Testnet') return contradictionsIn(value)
  if (kind === 'LoadTest') return contradictionsInLoadTest(value)
  return kind === 'Shard' ? contradictionsInShard(value) : []
}

/** A value as the document that it is, defaults filled in, or everything that is wrong with it. */
export function checkDocument(value: unknown): Document | readonly FieldProblem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [
      problemAt(
        [],
        `a document with apiVersion "${API_VERSION}" and a kind`,
        JSON.stringify(value),
      ),
    ]
  }
  const kind: unknown = Reflect.get(value, 'kind')
  if (!isKind(kind)) {
    const expected = `one of ${Object.keys(schemaOfKind).join(', ')}`
    return [problemAt(['kind'], expected, kind === undefined ? 'nothing' : JSON.stringify(kind))]
  }
  const contradictions = contradictionsOfKind(kind, value)
  const result = schemaOfKind[kind].safeParse(value)
  if (result.success && contradictions.length === 0) return result.data
  return [...(result.success ? [] : problemsOf(result.error, value)), ...contradictions]
}
