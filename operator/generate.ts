import { stringify } from 'yaml'
import { isKind } from './src/api/document.ts'
import { jsonSchemaOf } from './src/api/json-schema.ts'
import { customResourceOf, namesOfKind } from './src/crd/custom-resource.ts'

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
  const kinds = Object.keys(namesOfKind).filter(isKind)
  const resources = kinds.map((kind) => ({
    path: `charts/shardnet-crds/templates/${namesOfKind[kind].plural}.yaml`,
    content: stringify(customResourceOf(kind), { lineWidth: 120, aliasDuplicateObjects: false }),
  }))
  return [...schemas, ...resources]
}
