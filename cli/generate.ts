import { benchJsonSchema } from './bench/bench-result.ts'

/** The files of this room that are made from its code, for `npm run generate`. */
export async function generate(): Promise<
  readonly { readonly path: string; readonly content: string }[]
> {
  return [
    { path: 'docs/bench.schema.json', content: `${JSON.stringify(benchJsonSchema(), null, 2)}\n` },
  ]
}
