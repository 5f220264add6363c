import { matrixJsonSchema } from './src/matrix.ts'
import { resultJsonSchema } from './src/result.ts'

/** The files of this room that are made from its code, for `npm run generate`. */
export async function generate(): Promise<
  readonly { readonly path: string; readonly content: string }[]
> {
  return [
    {
      path: 'docs/matrix.schema.json',
      content: `${JSON.stringify(matrixJsonSchema(), null, 2)}\n`,
    },
    {
      path: 'docs/result.schema.json',
      content: `${JSON.stringify(resultJsonSchema(), null, 2)}\n`,
    },
  ]
}
