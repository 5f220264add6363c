import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { MUTANTS } from '../src/mutants/bank.ts'
import { applyEdit } from '../src/mutants/mutate-source.ts'

const doorUrl = import.meta.resolve('@shardnet/node/parts')

function sourceOf(file: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${file}`, doorUrl)), 'utf8')
}

test('every seeded bug changes a line that stands exactly once in the source', () => {
  for (const { name, edits } of MUTANTS) {
    const sources = new Map<string, string>()
    for (const edit of edits) {
      const source = sources.get(edit.file) ?? sourceOf(edit.file)
      assert.doesNotThrow(() => sources.set(edit.file, applyEdit(source, edit)), name)
    }
  }
})

test('names tell seeded bugs apart', () => {
  assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length)
})

test('an edit that stands nowhere, or twice, is refused', () => {
  const edit = { file: 'a.ts', find: 'x', replace: 'y' }
  assert.throws(() => applyEdit('abc', edit), RangeError)
  assert.throws(() => applyEdit('x and x', edit), RangeError)
  assert.equal(applyEdit('axb', edit), 'ayb')
})
