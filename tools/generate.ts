import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { projectRoot } from './run.ts'

/** A file that code makes, with its path from the project's root. Same code, same bytes: `--check` compares them. */
interface GeneratedFile {
  readonly path: string
  readonly content: string | Uint8Array
}

type Generate = () => Promise<readonly GeneratedFile[]>

/** A room that generates files has a `generate.ts` beside its package.json that exports `generate`. */
const rooms = ['node', 'load-generator', 'simulator', 'operator', 'dashboards', 'charts', 'cli']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false } },
})

const stale: string[] = []
for (const file of await generateAll()) {
  const path = join(projectRoot, file.path)
  if (existsSync(path) && Buffer.from(file.content).equals(await readFile(path))) continue
  stale.push(file.path)
  if (values.check) continue
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, file.content)
}
for (const path of stale) console.log(values.check ? `differs: ${path}` : `written: ${path}`)
if (stale.length === 0) console.log('generated files are up to date')
if (values.check && stale.length > 0) {
  console.log('run `npm run generate` and commit the result')
  process.exitCode = 1
}

/**
 * Pictures come from a run of a testnet, so no two are the same: they are made only when asked for by name
 * (`npm run generate -- pictures`), by `cli/pictures.ts`, and never compared.
 */
async function generateAll(): Promise<readonly GeneratedFile[]> {
  if (positionals.includes('pictures')) return generateWith('cli/pictures.ts')
  const chosen = positionals.length > 0 ? positionals : rooms
  const files = await Promise.all(
    chosen
      .map((room) => `${room}/generate.ts`)
      .filter((path) => positionals.length > 0 || existsSync(join(projectRoot, path)))
      .map(generateWith),
  )
  return files.flat()
}

async function generateWith(path: string): Promise<readonly GeneratedFile[]> {
  const door: { generate: Generate } = await import(pathToFileURL(join(projectRoot, path)).href)
  return door.generate()
}
