import { type Document as OurDocument, jsonSchemaOf } from '@shardnet/operator/api'
import { Document, isMap, isScalar } from 'yaml'

/** A document as YAML, each field with its description as a comment. */
export function explainedYaml(document: OurDocument): string {
  const yaml = new Document(document)
  const schema = jsonSchemaOf(document.kind)
  explain(yaml.contents, schema, 0)
  return yaml.toString({ lineWidth: 0 })
}

/** The head of a document explains itself. */
const UNEXPLAINED = new Set(['apiVersion', 'kind', 'metadata'])

function explain(node: unknown, schema: unknown, depth: number): void {
  if (!isMap(node)) return
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : ''
    const field = fieldOf(fieldOf(schema, 'properties'), name)
    const description = fieldOf(field, 'description')
    const isHead = depth === 0 && UNEXPLAINED.has(name)
    if (isScalar(key) && typeof description === 'string' && !isHead)
      key.commentBefore = ` ${description}`
    explain(value, field, depth + 1)
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
