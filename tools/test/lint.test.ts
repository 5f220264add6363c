import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { installed, projectRoot } from '../run.ts'

/** One planted sin per rule that we rely on: [rule, path, source]. */
const planted: readonly (readonly [rule: string, path: string, source: string])[] = [
  ['no-floating-promises', 'a', 'const later = async () => 1\nlater()'],
  ['no-misused-promises', 'a', '[1].forEach(async (x) => { await Promise.resolve(x) })'],
  [
    'switch-exhaustiveness-check',
    'a',
    "export function f(x: 'a' | 'b') { switch (x) { case 'a': return 1 } return 2 }",
  ],
  ['no-explicit-any', 'a', 'export const x: any = 1'],
  ['no-non-null-assertion', 'a', 'export const f = (x?: string) => x!.length'],
  ['no-default-export', 'a', 'export default 1'],
  ['no-empty', 'a', 'try { JSON.parse("1") } catch {}'],
  ['max-params', 'a', 'export const f = (a = 1, b = 1, c = 1, d = 1, e = 1) => a + b + c + d + e'],
  [
    'max-lines-per-function',
    'a',
    `export function f() {\n  let x = 0\n${'  x += 1\n'.repeat(70)}  return x\n}`,
  ],
  [
    'max-depth',
    'a',
    'export function f(a: boolean) { if (a) for (;;) { while (a) { do { if (a) return 1 } while (a) } } }',
  ],
  [
    'no-cycle',
    'a',
    "import { b } from './cycle.ts'\nexport const a = 1\nexport const c = () => b()",
  ],
  ['no-restricted-globals', 'core', 'export const now = () => Date.now()'],
  ['no-restricted-globals', 'core', 'setTimeout(() => 1, 5)'],
  ['no-restricted-globals', 'core', 'export const pid = process.pid'],
  ['no-restricted-globals', 'core', 'export const x = Buffer.alloc(1)'],
  ['no-restricted-globals', 'core', 'export const x = Promise.resolve(1)'],
  ['no-restricted-properties', 'core', 'export const x = Math.random()'],
  ['no-restricted-imports', 'core', "import { x } from 'node:fs'\nexport const y = x"],
  ['no-async-await', 'core', 'export async function f() { return 1 }'],
]

const folders: Readonly<Record<string, string>> = { a: 'node/src/host', core: 'node/src/core' }

describe('each lint rule we rely on fires', () => {
  let world = ''
  let found: ReadonlyMap<string, ReadonlySet<string>> = new Map()

  before(async () => {
    world = await mkdtemp(join(tmpdir(), 'shardnet-lint-'))
    for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) {
      await copyFile(join(projectRoot, name), join(world, name))
    }
    await symlink(join(projectRoot, 'node_modules'), join(world, 'node_modules'))
    for (const [index, [, folder, source]] of planted.entries()) {
      const path = join(world, pathOf(index, folder))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, source)
    }
    const cycle = planted.findIndex(([rule]) => rule === 'no-cycle')
    const partner = `import { a } from './planted-${cycle}.ts'\nexport const b = () => a\n`
    await writeFile(join(world, 'node/src/host/cycle.ts'), partner)
    found = await lint(world)
  })
  after(() => rm(world, { recursive: true, force: true }))

  for (const [index, [rule, folder, source]] of planted.entries()) {
    test(`${rule}: ${source.split('\n')[0]}`, () => {
      const rules = found.get(pathOf(index, folder)) ?? new Set()
      assert.ok(rules.has(rule), `found only: ${[...rules].join(', ')}`)
    })
  }
})

function pathOf(index: number, folder: string): string {
  return `${folders[folder]}/planted-${index}.ts`
}

/** Rule names by file, as Oxlint reports them. */
function lint(folder: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  return new Promise((resolve, reject) => {
    // It exits with 1 because it finds something, which is what we want; only a missing answer is a failure.
    execFile(installed('oxlint'), ['-f', 'json'], { cwd: folder }, (error, output) => {
      if (output === '') return reject(error ?? new Error('oxlint printed nothing'))
      const report: { diagnostics: { code: string; filename: string }[] } = JSON.parse(output)
      const rules = new Map<string, Set<string>>()
      for (const { code, filename } of report.diagnostics) {
        const name = /\((.+)\)/.exec(code)?.[1] ?? code
        rules.set(filename, (rules.get(filename) ?? new Set()).add(name))
      }
      resolve(rules)
    })
  })
}
