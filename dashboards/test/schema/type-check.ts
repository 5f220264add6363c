import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const TYPES = fileURLToPath(import.meta.resolve('./written-board.ts'))
const FLAGS = [
  ...['--noEmit', '--strict', '--skipLibCheck', '--pretty', 'false'],
  ...['--module', 'nodenext', '--target', 'es2024', '--allowImportingTsExtensions'],
  // Else it takes in what lies around the folder.
  ...['--ignoreConfig', '--types', 'node', '--typeRoots', join(ROOT, 'node_modules', '@types')],
]

/** What Grafana's types say of these files of JSON; empty when they have nothing to say. */
export function schemaProblems(boards: Readonly<Record<string, string>>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'shardnet-schema-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
    const files = Object.entries(boards).map(([name, json]) => {
      const file = join(folder, `${name}.ts`)
      // A literal of its own, so that a property that the schema does not know is an error.
      writeFileSync(
        file,
        `import type { WrittenBoard } from ${JSON.stringify(TYPES)}\nexport const board: WrittenBoard = ${json}`,
      )
      return file
    })
    const program = join(ROOT, 'node_modules', '.bin', 'tsc')
    const { status, stdout, error } = spawnSync(program, [...FLAGS, ...files], { encoding: 'utf8' })
    if (error !== undefined) throw error
    if (status === 0) return []
    return stdout.split('\n').filter((line) => line.includes('error TS'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
