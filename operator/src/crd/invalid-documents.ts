import { API_VERSION } from '../api/field.ts'
import type { Document } from '../api/document.ts'
import { rulesOfKind, shardSpec } from '../api/rules.ts'
import { schemaOf } from './custom-resource.ts'
import { exampleOf } from './example.ts'
import type { StructuralSchema } from './structural-schema.ts'

/** A document that the API server has to refuse, with what it has to say about it. */
export interface InvalidDocument {
  /** What is wrong, in words: the name of a test. */
  readonly title: string
  /** A valid object of the same name that has to be there first, for rules about a change. */
  readonly before?: object
  readonly object: object
  /** The field as the API server names it. */
  readonly field: string
  /** Part of what it says. */
  readonly says: string
}

type Path = readonly (string | number)[]

/**
 * Every way in which a document of a kind can be wrong by one thing: each field missing, of the wrong type, below,
 * above, with an unknown sibling, and each rule broken once. From the schema itself, so that none is forgotten.
 */
export function invalidDocuments(kind: Document['kind']): readonly InvalidDocument[] {
  const schema = schemaOf(kind)
  const spec = schema.properties?.['spec'] ?? {}
  const found = wrongsOf(spec, ['spec'], kind)
  return [...found, ...brokenRules(kind)]
}

/** The least valid document of a kind. */
export function validDocument(kind: Document['kind']): object {
  return documentWith(kind, validSpec(kind))
}

function validSpec(kind: Document['kind']): unknown {
  return kind === 'Shard' ? shardSpec({}) : exampleOf(schemaOf(kind).properties?.['spec'] ?? {})
}

function documentWith(kind: Document['kind'], spec: unknown): object {
  return { apiVersion: API_VERSION, kind, metadata: { name: 'invalid' }, spec }
}

function brokenRules(kind: Document['kind']): readonly InvalidDocument[] {
  return rulesOfKind[kind].map(({ at, field = '', message, broken, cel }) => {
    const path = at.map((part) => (part === '[]' ? 0 : part))
    return {
      title: `${kind}: rule ${cel}`,
      ...(broken.before === undefined ? {} : { before: documentWith(kind, broken.before) }),
      object: documentWith(kind, broken.spec),
      field: `${pathText(path)}${field}`,
      says: message,
    }
  })
}

function wrongsOf(
  schema: StructuralSchema,
  path: Path,
  kind: Document['kind'],
): readonly InvalidDocument[] {
  const here = [wrongType(schema, path, kind), ...bounds(schema, path, kind)]
  if (schema.items !== undefined) {
    return [...here, ...wrongsOf(schema.items, [...path, 0], kind)]
  }
  const children = Object.entries(schema.properties ?? {})
  if (children.length === 0) return here
  const missing = (schema.required ?? []).map((name): InvalidDocument => {
    const { [name]: _, ...rest } = validAt(kind, schema, path)
    return wrong(kind, [...path, name], {
      title: 'is missing',
      root: path,
      value: rest,
      says: 'Required value',
    })
  })
  const unknown = wrong(kind, [...path, 'unknownField'], {
    title: 'is unknown',
    root: path,
    value: { ...validAt(kind, schema, path), unknownField: 1 },
    says: 'unknown field',
  })
  const below = children.flatMap(([name, child]) => wrongsOf(child, [...path, name], kind))
  return [...here, ...missing, unknown, ...below]
}

/** A valid object to spoil. */
function validAt(
  kind: Document['kind'],
  schema: StructuralSchema,
  path: Path,
): Readonly<Record<string, unknown>> {
  const there = path.slice(1).reduce<unknown>((value, part) => {
    return typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined
  }, validSpec(kind))
  return (there ?? exampleOf(schema)) as Readonly<Record<string, unknown>>
}

interface Wrong {
  readonly title: string
  /** Where `value` is put; the field to blame may lie below. */
  readonly root: Path
  readonly value: unknown
  readonly says: string
}

function wrong(kind: Document['kind'], path: Path, wrongness: Wrong): InvalidDocument {
  const { title, root, value, says } = wrongness
  const spec = schemaOf(kind).properties?.['spec'] ?? {}
  return {
    title: `${kind}: ${pathText(path)} ${title}`,
    object: documentWith(kind, placed(spec, validSpec(kind), root.slice(1), value)),
    field: pathText(path),
    says,
  }
}

function wrongType(schema: StructuralSchema, path: Path, kind: Document['kind']): InvalidDocument {
  const value = schema.type === 'string' ? 12 : 'text'
  return wrong(kind, path, {
    title: 'has the wrong type',
    root: path,
    value,
    says: `must be of type ${schema.type}`,
  })
}

function bounds(
  schema: StructuralSchema,
  path: Path,
  kind: Document['kind'],
): readonly InvalidDocument[] {
  const found: InvalidDocument[] = []
  const add = (title: string, value: unknown, says: string) =>
    found.push(wrong(kind, path, { title, root: path, value, says }))
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = schema
  if (minimum !== undefined) add('is below', minimum - 1, 'greater than or equal to')
  if (maximum !== undefined) add('is above', maximum + 1, 'less than or equal to')
  if (minLength !== undefined) add('is too short', '', 'should be at least')
  if (maxLength !== undefined) add('is too long', 'a'.repeat(maxLength + 1), 'Too long')
  if (minItems !== undefined) add('has too few entries', [], 'at least')
  if (maxItems !== undefined && schema.items !== undefined) {
    add('has too many entries', manyOf(schema.items, maxItems + 1), 'Too many')
  }
  if (pattern !== undefined) {
    add('has the wrong form', new RegExp(pattern).test('') ? '!' : '', 'should match')
  }
  if (schema.enum !== undefined) add('is no choice', 'Other', 'Unsupported value')
  return found
}

/** Entries that differ where the list may hold each only once. */
function manyOf(items: StructuralSchema, count: number): readonly unknown[] {
  const one = exampleOf(items)
  return Array.from({ length: count }, (_, index) => {
    const isNamed = typeof one === 'object' && one !== null && 'name' in one
    return isNamed ? { ...one, name: `name-${index}` } : one
  })
}

/** A copy of `whole` with `value` at a path; what is missing on the way is filled with examples. */
function placed(schema: StructuralSchema, whole: unknown, path: Path, value: unknown): unknown {
  const [part, ...rest] = path
  if (part === undefined) return value
  if (typeof part === 'number') {
    return [placed(schema.items ?? {}, exampleOf(schema.items ?? {}), rest, value)]
  }
  const fields = (whole ?? {}) as Readonly<Record<string, unknown>>
  const child = schema.properties?.[part] ?? {}
  const here = fields[part] ?? exampleOf(child)
  return { ...fields, [part]: placed(child, here, rest, value) }
}

function pathText(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      return index === 0 ? part : `.${part}`
    })
    .join('')
}
