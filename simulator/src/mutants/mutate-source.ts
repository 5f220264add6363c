import { registerHooks } from 'node:module'
import type { Edit } from './mutant.ts'

/** The source after an edit. @throws RangeError when the text does not stand there exactly once. */
export function applyEdit(source: string, { file, find, replace }: Edit): string {
  const parts = source.split(find)
  if (parts.length !== 2)
    throw new RangeError(`${file}: "${find}" stands there ${parts.length - 1} times, not once`)
  return parts.join(replace)
}

/**
 * From now on this thread loads the edited files with their edits. Call it before anything of the node is loaded; the function returned
 * says which edits were not met.
 */
export function mutateOnLoad(edits: readonly Edit[]): () => readonly Edit[] {
  const open = new Set(edits)
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const own = edits.filter(({ file }) => url.endsWith(`/node/src/${file}`))
      if (own.length === 0) return loaded
      let source = textOf(loaded.source)
      for (const edit of own) {
        source = applyEdit(source, edit)
        open.delete(edit)
      }
      return { ...loaded, source }
    },
  })
  return () => [...open]
}

function textOf(source: unknown): string {
  if (typeof source === 'string') return source
  if (source instanceof Uint8Array) return new TextDecoder().decode(source)
  throw new TypeError('a module has a source')
}
