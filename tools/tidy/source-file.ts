import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

/** A text file of the project; `path` is from the root, with slashes. The rules of tidy are functions over these. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

const skippedFolders = new Set(['node_modules', 'target', 'reports', 'vectors', 'generated'])
const readExtensions = new Set([
  '.ts',
  '.cjs',
  '.rs',
  '.sh',
  '.md',
  '.json',
  '.yaml',
  '.yml',
  '.toml',
])

/** Every text file below `root` that people write; what is hidden, installed or generated stays out. */
export function readSourceFiles(root: string): readonly SourceFile[] {
  const files: SourceFile[] = []
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.name.startsWith('.') || skippedFolders.has(entry.name)) continue
      if (entry.isDirectory()) visit(path)
      else if (entry.isFile() && readExtensions.has(extname(path))) {
        files.push({ path, text: readFileSync(join(root, path), 'utf8') })
      }
    }
  }
  visit('')
  return files
}
