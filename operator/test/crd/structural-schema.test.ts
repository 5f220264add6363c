import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { structuralSchema, withDefaults } from '../../src/crd/structural-schema.ts'

function converted(schema: z.ZodType) {
  return structuralSchema(z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }), 'spec')
}

test('numbers get the smallest format that holds them, and no bounds that say nothing', () => {
  assert.deepEqual(converted(z.int().min(1).max(64)), {
    type: 'integer',
    minimum: 1,
    maximum: 64,
    format: 'int32',
  })
  assert.partialDeepStrictEqual(converted(z.int()), { type: 'integer', format: 'int64' })
  assert.equal(converted(z.int()).maximum, undefined)
})

test('what a structural schema cannot say is refused when files are generated, not weakened', () => {
  assert.throws(() => converted(z.number()), /type number has no structural form/)
  assert.throws(() => converted(z.int().multipleOf(5)), /multipleOf/)
  assert.throws(() => converted(z.tuple([z.string()])), RangeError)
  assert.throws(() => converted(z.union([z.string(), z.object({})])), /a union of string, object/)
})

test('a union of objects becomes one object with the rules that tell its members apart', () => {
  const schema = z.discriminatedUnion('mode', [
    z.strictObject({
      mode: z.literal('open').default('open'),
      schedule: z.array(z.string()).max(3),
    }),
    z.strictObject({ mode: z.literal('search'), goal: z.string().max(9).default('fast') }),
  ])
  const { properties, required, 'x-kubernetes-validations': rules } = converted(schema)
  assert.deepEqual(properties?.['mode'], {
    type: 'string',
    default: 'open',
    enum: ['open', 'search'],
  })
  assert.equal(properties?.['goal']?.default, undefined, 'a default would be there with every mode')
  assert.equal(required, undefined)
  assert.deepEqual(
    rules?.map(({ rule }) => rule),
    [
      "!has(self.schedule) || self.mode in ['open']",
      "has(self.schedule) || !(self.mode in ['open'])",
      "!has(self.goal) || self.mode in ['search']",
    ],
  )
})

test('a union whose members mean different things by one field is refused', () => {
  const schema = z.discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('a'), rate: z.int() }),
    z.strictObject({ mode: z.literal('b'), rate: z.string() }),
  ])
  assert.throws(() => converted(schema), /spec.rate: means different things/)
})

test('the default of an object is whole: the API server checks it before it fills it', () => {
  const inner = z.strictObject({ a: z.int().default(1), b: z.int().default(2) })
  const schema = converted(z.strictObject({ inner: inner.prefault({}) }))
  assert.deepEqual(schema.properties?.['inner']?.default, { a: 1, b: 2 })
  assert.deepEqual(withDefaults(schema, { inner: { a: 7 } }), { inner: { a: 7, b: 2 } })
})
