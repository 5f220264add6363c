import { allVectors, vectorText } from './test/wire/support/all-vectors.ts'

interface GeneratedFile {
  readonly path: string
  readonly content: string
}

/** The files of this room that are made from its code, for `npm run generate`. */
export async function generate(): Promise<readonly GeneratedFile[]> {
  return Object.entries(allVectors()).map(([name, file]) => ({
    path: `docs/vectors/${name}`,
    content: vectorText(file),
  }))
}
