import type { StructuralSchema } from './structural-schema.ts'

/** Texts of which each pattern of our kinds lets at least one through. */
const TEXTS = ['demo', '10s', '10%', '1', 'A', 'text']

/** The least value that a schema lets through: required fields alone. */
export function exampleOf(schema: StructuralSchema): unknown {
  if (schema.default !== undefined && schema.type !== 'object') return schema.default
  if (schema.enum !== undefined) return schema.enum[0]
  switch (schema.type) {
    case 'object':
      return exampleObject(schema)
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => exampleOf(schema.items ?? {}))
    case 'integer':
      return Math.max(schema.minimum ?? 0, Math.min(1, schema.maximum ?? 1))
    case 'boolean':
      return false
    case 'string':
    case undefined:
      return exampleText(schema)
    default:
      throw new RangeError(`no example of type ${schema.type}`)
  }
}

function exampleObject(schema: StructuralSchema): object {
  const required = new Set(schema.required)
  const fields = Object.entries(schema.properties ?? {})
    .filter(([name]) => required.has(name))
    .map(([name, child]) => [name, exampleOf(child)])
  return Object.fromEntries(fields)
}

function exampleText({ pattern }: StructuralSchema): string {
  if (pattern === undefined) return 'text'
  const found = TEXTS.find((text) => new RegExp(pattern).test(text))
  if (found === undefined) throw new RangeError(`no example for ${pattern}`)
  return found
}
