import { z } from 'zod'
import { type Document, schemaOfKind } from './document.ts'

/**
 * The JSON Schema of what people may write in a document of a kind: fields with a default may be left out. The CRD of the
 * kind comes from the same schema.
 */
export function jsonSchemaOf(kind: Document['kind']): object {
  return {
    ...z.toJSONSchema(schemaOfKind[kind], { io: 'input', target: 'draft-2020-12' }),
    $id: `https://shardnet.dev/schemas/v1alpha1/${kind.toLowerCase()}.json`,
    title: kind,
  }
}
