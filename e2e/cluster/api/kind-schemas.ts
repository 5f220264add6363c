import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiClient } from './api-client.ts'

/** A schema as OpenAPI 2 writes it. */
interface Schema {
  readonly [keyword: string]: unknown
}
interface Definition extends Schema {
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string
    readonly version: string
    readonly kind: string
  }[]
}

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity'
/** Where `kubeconform` finds a schema of `writeKindSchemas`. */
export const SCHEMA_FILES = '{{.Group}}-{{.ResourceAPIVersion}}-{{.ResourceKind}}.json'

/** Writes one JSON schema for each kind that an API server serves, as strict as it is with `fieldValidation=Strict`. */
export async function writeKindSchemas(api: ApiClient, folder: string): Promise<number> {
  const { definitions } = (await api.must({ path: '/openapi/v2' })) as {
    readonly definitions: Readonly<Record<string, Definition>>
  }
  await mkdir(folder, { recursive: true })
  let written = 0
  for (const [name, { 'x-kubernetes-group-version-kind': kinds = [] }] of Object.entries(
    definitions,
  )) {
    for (const { group, version, kind } of kinds) {
      const needed = Object.fromEntries(closureOf(name, definitions))
      const schema = { $ref: `#/definitions/${name}`, definitions: needed }
      // The core group has no name, for which kubeconform takes its version.
      const file = `${group === '' ? version : group}-${version}-${kind}.json`.toLowerCase()
      await writeFile(join(folder, file), JSON.stringify(schema))
      written++
    }
  }
  return written
}

/** A definition and all that it leads to. */
function closureOf(
  name: string,
  definitions: Readonly<Record<string, Definition>>,
): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>()
  const waiting = [name]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue
    const text = JSON.stringify(definitions[next])
    found.set(next, next === QUANTITY ? { type: ['string', 'number'] } : strict(JSON.parse(text)))
    for (const [, to = ''] of text.matchAll(/"#\/definitions\/([^"]+)"/g)) waiting.push(to)
  }
  return found
}

/** OpenAPI 2 has words of its own for what JSON schema says plainly, and lets unknown fields through. */
function strict(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map(strict)
  const entries = Object.entries(schema).map(([name, value]) => [name, strict(value)])
  const fields = Object.fromEntries(entries) as Schema
  if (fields['format'] === 'int-or-string') return { type: ['string', 'integer'] }
  const isClosed =
    typeof fields['properties'] === 'object' &&
    typeof fields['type'] === 'string' &&
    fields['additionalProperties'] === undefined &&
    fields['x-kubernetes-preserve-unknown-fields'] !== true
  return isClosed ? { ...fields, additionalProperties: false } : fields
}
