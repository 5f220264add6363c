import { jsonSchemaOf } from './src/api/json-schema.ts'
import { chartFiles } from './src/chart/chart-files.ts'
import { goldenFile } from './src/objects/golden.ts'

interface GeneratedFile {
  readonly path: string
  readonly content: string
}

/** The files of this room that are made from its code, for `npm run generate`. */
export async function generate(): Promise<readonly GeneratedFile[]> {
  const schemas = (['Testnet', 'LoadTest'] as const).map((kind) => ({
    path: `docs/${kind.toLowerCase()}.schema.json`,
    content: `${JSON.stringify(jsonSchemaOf(kind), null, 2)}\n`,
  }))
  return [...schemas, ...chartFiles(), goldenFile()]
}
