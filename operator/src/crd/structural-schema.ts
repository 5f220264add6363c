/** A schema as a CustomResourceDefinition holds it: OpenAPI v3 in the structural form that the API server asks for. */
export interface StructuralSchema {
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly nullable?: boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
  readonly items?: StructuralSchema
  readonly properties?: Readonly<Record<string, StructuralSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: StructuralSchema
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-list-type'?: string
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-validations'?: readonly Validation[]
}

/** A rule in CEL, as the API server runs it. */
export interface Validation {
  readonly rule: string
  readonly message: string
  readonly fieldPath?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired'
}

/** A JSON Schema of draft 2020-12, as zod writes it. */
export type JsonSchema = Readonly<Record<string, unknown>>

const INT32_MAX = 2_147_483_647
const SAFE_MAX = Number.MAX_SAFE_INTEGER

/** Kept as they are. */
const COPIED = ['type', 'description', 'default', 'enum', 'format', 'pattern'] as const
const LIMITS = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const
/** Say nothing that the API server could use: it refuses unknown fields by itself. */
const DROPPED = new Set(['$schema', '$id', 'title', 'readOnly', 'propertyNames'])
const HANDLED = new Set(['items', 'properties', 'required', 'additionalProperties', 'const'])
const UNIONS = ['anyOf', 'oneOf'] as const

/**
 * A JSON Schema as a structural one. Pure. Unions of objects become one object with the rules that tell the members
 * apart, because a structural schema knows no types inside `oneOf`.
 * @throws {RangeError} at whatever it cannot say, so that a schema is never weaker in the cluster without notice.
 */
export function structuralSchema(schema: JsonSchema, path = ''): StructuralSchema {
  const union = UNIONS.map((key) => schema[key]).find(Array.isArray) as JsonSchema[] | undefined
  if (union !== undefined) return unionSchema(schema, union, path)
  for (const key of Object.keys(schema)) {
    const known =
      DROPPED.has(key) ||
      HANDLED.has(key) ||
      key.startsWith('x-kubernetes-') ||
      [...COPIED, ...LIMITS].some((each) => each === key)
    if (!known) throw new RangeError(`${path}: ${key} has no structural form`)
  }
  return withWholeDefault({
    ...copied(schema, [...COPIED, ...LIMITS]),
    ...extensionsOf(schema),
    ...typeOf(schema, path),
    ...childrenOf(schema, path),
  })
}

function withWholeDefault(schema: StructuralSchema): StructuralSchema {
  if (schema.default === undefined) return schema
  return { ...schema, default: withDefaults(schema, schema.default) }
}

/**
 * A value with the defaults of its schema filled in, all the way down. The API server checks the default of an object
 * by the object's rules before it looks inside it, so that such a default has to be whole.
 */
export function withDefaults(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((each: unknown) => withDefaults(schema.items ?? {}, each))
  }
  if (typeof value !== 'object' || value === null) return value
  const filled = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const here: unknown = Reflect.get(value, name) ?? child.default
    return here === undefined ? [] : [[name, withDefaults(child, here)] as const]
  })
  return { ...value, ...Object.fromEntries(filled) }
}

function copied(schema: JsonSchema, keys: readonly string[]): object {
  return Object.fromEntries(
    keys.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]),
  )
}

function extensionsOf(schema: JsonSchema): object {
  return copied(
    schema,
    Object.keys(schema).filter((key) => key.startsWith('x-kubernetes-')),
  )
}

function typeOf(schema: JsonSchema, path: string): object {
  if (schema['const'] !== undefined) {
    return { type: jsonTypeOf(schema['const']), enum: [schema['const']] }
  }
  switch (schema['type']) {
    case 'integer':
      return integerLimits(schema)
    case 'string':
    case 'boolean':
    case 'object':
    case 'array':
      return {}
    default:
      throw new RangeError(`${path}: type ${String(schema['type'])} has no structural form`)
  }
}

function jsonTypeOf(value: unknown): string {
  return typeof value === 'number' ? 'integer' : typeof value
}

/** zod bounds every integer by what is exact in JavaScript; where that is all it says, it is the format that counts. */
function integerLimits(schema: JsonSchema): object {
  const { minimum, maximum } = schema as { minimum?: number; maximum?: number }
  const isSmall = (value = SAFE_MAX) => Math.abs(value) <= INT32_MAX
  return {
    format: isSmall(minimum) && isSmall(maximum) ? 'int32' : 'int64',
    minimum: minimum === -SAFE_MAX ? undefined : minimum,
    maximum: maximum === SAFE_MAX ? undefined : maximum,
  }
}

function childrenOf(schema: JsonSchema, path: string): object {
  if (schema['type'] === 'array') {
    return { items: structuralSchema(schema['items'] as JsonSchema, `${path}[]`) }
  }
  if (schema['type'] !== 'object') return {}
  const { properties, additionalProperties: extra } = schema as {
    properties?: Record<string, JsonSchema>
    additionalProperties?: JsonSchema | boolean
  }
  if (properties === undefined) {
    return typeof extra === 'object'
      ? { additionalProperties: structuralSchema(extra, `${path}.*`) }
      : {}
  }
  const children = Object.entries(properties).map(([name, child]) => {
    return [name, structuralSchema(child, `${path}.${name}`)] as const
  })
  const required = (schema['required'] ?? []) as readonly string[]
  return {
    properties: Object.fromEntries(children),
    ...(required.length > 0 ? { required } : {}),
  }
}

function unionSchema(
  schema: JsonSchema,
  members: readonly JsonSchema[],
  path: string,
): StructuralSchema {
  const types = members.map((member) => member['type'])
  const around = { ...copied(schema, ['description', 'default']), ...extensionsOf(schema) }
  if (types.length === 2 && types.includes('null')) {
    const value = members.find((member) => member['type'] !== 'null') ?? {}
    return { ...structuralSchema(value, path), ...around, nullable: true }
  }
  if (types.every((type) => type === 'integer' || type === 'string')) {
    return { ...around, 'x-kubernetes-int-or-string': true }
  }
  if (!types.every((type) => type === 'object')) {
    throw new RangeError(`${path}: a union of ${types.join(', ')} has no structural form`)
  }
  return withWholeDefault({ ...hoisted(members, path), ...around })
}

interface Member {
  readonly tag: string
  readonly schema: StructuralSchema
}

/** One object with all fields of a discriminated union, and one rule for each field that only some members have. */
function hoisted(members: readonly JsonSchema[], path: string): StructuralSchema {
  const schemas = members.map((member) => structuralSchema(member, path))
  const discriminator = Object.keys(schemas[0]?.properties ?? {}).find((name) =>
    schemas.every((each) => each.properties?.[name]?.enum?.length === 1),
  )
  if (discriminator === undefined) {
    throw new RangeError(`${path}: a union without a field that tells its members apart`)
  }
  const tagged = schemas.map((schema): Member => {
    return { tag: String(schema.properties?.[discriminator]?.enum?.[0]), schema }
  })
  const names = new Set(schemas.flatMap((each) => Object.keys(each.properties ?? {})))
  const fields = [...names].map((name) => {
    return [name, fieldOf(tagged, name, discriminator, path)] as const
  })
  const required = [...names].filter((name) =>
    schemas.every((each) => each.required?.includes(name)),
  )
  const rules = [...names].flatMap((name) => rulesOf(tagged, name, discriminator))
  return {
    type: 'object',
    properties: Object.fromEntries(fields),
    ...(required.length > 0 ? { required } : {}),
    ...(rules.length > 0 ? { 'x-kubernetes-validations': rules } : {}),
  }
}

function fieldOf(
  members: readonly Member[],
  name: string,
  discriminator: string,
  path: string,
): StructuralSchema {
  const variants = members.flatMap(({ schema }) => schema.properties?.[name] ?? [])
  const [first = {}] = variants
  if (name === discriminator) {
    const defaults = variants.flatMap((variant) => variant.default ?? [])
    const { default: _, ...rest } = first
    const tags = variants.flatMap((variant) => variant.enum ?? [])
    return { ...rest, ...(defaults.length === 0 ? {} : { default: defaults[0] }), enum: tags }
  }
  if (variants.length === members.length && variants.every((each) => isSame(each, first)))
    return first
  // A default would make the field present with every member.
  const bare = variants.map(withoutDefaults)
  const [one = {}] = bare
  if (!bare.every((each) => isSame(each, one))) {
    throw new RangeError(`${path}.${name}: means different things in the members of a union`)
  }
  return one
}

function rulesOf(
  members: readonly Member[],
  name: string,
  discriminator: string,
): readonly Validation[] {
  if (name === discriminator) return []
  const having = members.filter(({ schema }) => schema.properties?.[name] !== undefined)
  const needing = having.filter(({ schema }) => schema.required?.includes(name))
  const listed = (some: readonly Member[]) => some.map(({ tag }) => `'${tag}'`).join(', ')
  const rules: Validation[] = []
  if (having.length < members.length) {
    rules.push({
      rule: `!has(self.${name}) || self.${discriminator} in [${listed(having)}]`,
      message: `only with ${discriminator} ${having.map(({ tag }) => tag).join(' or ')}`,
      fieldPath: `.${name}`,
      reason: 'FieldValueForbidden',
    })
  }
  if (needing.length > 0 && needing.length < members.length) {
    rules.push({
      rule: `has(self.${name}) || !(self.${discriminator} in [${listed(needing)}])`,
      message: `needed with ${discriminator} ${needing.map(({ tag }) => tag).join(' or ')}`,
      fieldPath: `.${name}`,
      reason: 'FieldValueRequired',
    })
  }
  return rules
}

function withoutDefaults(schema: StructuralSchema): StructuralSchema {
  const { default: _, ...rest } = schema
  return rest
}

function isSame(one: StructuralSchema, other: StructuralSchema): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
