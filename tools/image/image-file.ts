/** One entry of a layer. Paths have no leading slash and no trailing one. */
export type ImageFile =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly mode: number
      /** Where its bytes are, or the bytes. */
      readonly content: { readonly from: string } | { readonly bytes: Uint8Array }
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }

/** In the order of their paths, with every folder above a file, each path once: equal files make equal layers. */
export function inOrder(files: readonly ImageFile[]): readonly ImageFile[] {
  const byPath = new Map<string, ImageFile>()
  for (const { path } of files) {
    for (const folder of foldersAbove(path))
      byPath.set(folder, { kind: 'folder', path: folder, mode: 0o755 })
  }
  for (const file of files) byPath.set(file.path, file)
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
