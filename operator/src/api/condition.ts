import { z } from 'zod'
import { oneOf, textLike, wholeNumber } from './field.ts'

/** Largest whole number that Kubernetes counts generations with and that is exact here. */
const GENERATION_MAX = Number.MAX_SAFE_INTEGER

/** A moment as the API server writes it, such as `2026-01-02T03:04:05Z`. */
export function moment() {
  return z.string().max(40).meta({ format: 'date-time' })
}

/** `metadata.generation` of the specification that a statement is about. */
export function observedGeneration() {
  return wholeNumber(0, GENERATION_MAX).describe(
    'Generation of the specification that this status is about.',
  )
}

/** A statement about an object, as all kinds of Kubernetes make them. */
export const Condition = z.strictObject({
  type: textLike(/^[A-Z][A-Za-z]*$/, 64, 'a type of condition').describe('What it is about.'),
  status: oneOf(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: observedGeneration(),
  lastTransitionTime: moment().describe('When `status` last changed.'),
  reason: textLike(/^[A-Z][A-Za-z]*$/, 128, 'a reason in one word').describe(
    'Why, as one word for programs.',
  ),
  message: z.string().max(1_024).describe('Why, and what to do, in words for people.'),
})
export type Condition = z.infer<typeof Condition>

/** The conditions of an object, one of each type. */
export function conditions() {
  return z
    .array(Condition)
    .max(8)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
    .describe('What holds of the object now.')
}
