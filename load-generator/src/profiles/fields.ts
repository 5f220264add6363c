import { z } from 'zod'
import type { Field } from './profile.ts'

/** Bytes of payload that one transaction may carry (docs/wire-format.md); a genesis may allow less. */
export const PAYLOAD_BYTES_MAX = 65_536

/** A share of the whole as people write it, from 0% to 100%. */
const Percent = z
  .string()
  .max(16)
  .regex(/^(100(\.0+)?|\d{1,2}(\.\d+)?)%$/, 'expected a percentage from 0% to 100%, such as 30%')

/** The same from 0 to 1. */
function shareOf(percent: string): number {
  return Number.parseFloat(percent) / 100
}

/** A share in percent. */
export function shareField(fallback: string, text: string): Field<string, number> {
  return {
    schema: Percent.describe(`${text} ${fallback} if left out.`),
    fallback,
    resolve: shareOf,
  }
}

/** A whole number in a range. */
export function countField(
  range: { readonly min: number; readonly max: number },
  fallback: number,
  text: string,
): Field<number, number> {
  const schema = z.int().min(range.min).max(range.max)
  return {
    schema: schema.describe(`${text} ${fallback} if left out.`),
    fallback,
    resolve: (count) => count,
  }
}

/** Uniform, or the i-th most popular in proportion to 1/i. */
export function popularityField(text: string): Field<'uniform' | 'zipf', 'uniform' | 'zipf'> {
  return {
    schema: z.enum(['uniform', 'zipf']).describe(`${text} uniform if left out.`),
    fallback: 'uniform',
    resolve: (kind) => kind,
  }
}

/** Share of transfers between shards: one field of all profiles that make transfers. */
export const crossShardField = shareField(
  '30%',
  'Share of transfers whose payee lives in another shard.',
)
/** How accounts take part: one field of all profiles that draw them. */
export const accountsField = popularityField('How often each account takes part.')
