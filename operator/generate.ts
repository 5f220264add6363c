import { jsonSchemaOf } from './src/api/json-schema.ts'

/** The files of this room that are made from its code, for `npm run generate`. */
export async function generate(): Promise<
  readonly { readonly path: string; readonly content: string }[]
> {
  return (['Testnet', 'LoadTest'] as const).map((kind) => ({
    path: `docs/${kind.toLowerCase()}.schema.json`,
    content: `${JSON.stringify(jsonSchemaOf(kind), null, 2)}\n`,
  }))
}
