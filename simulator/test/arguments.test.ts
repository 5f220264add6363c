import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseArguments } from '../src/run/arguments.ts'
import { InputError } from '../src/run/input-error.ts'

function linesOf(words: readonly string[]): readonly string[] {
  try {
    parseArguments(words)
  } catch (error) {
    assert.ok(error instanceof InputError)
    return error.lines
  }
  return []
}

test('options say what is to be done', () => {
  assert.deepEqual(parseArguments(['--seed', '7', '--trace']).task, {
    kind: 'seed',
    seed: 7,
    isTraced: true,
    without: [],
  })
  assert.deepEqual(parseArguments(['--seeds=5', '--resume', 'counter.json']).task, {
    kind: 'seeds',
    count: 5,
    resume: 'counter.json',
  })
  assert.deepEqual(parseArguments(['--twins', '9', '--resume=c.json']).task, {
    kind: 'twins',
    count: 9,
    resume: 'c.json',
  })
  assert.deepEqual(parseArguments(['--mutants', '--only', 'quorum']).task, {
    kind: 'mutants',
    only: 'quorum',
    seedsMax: 2_000,
    isQuick: false,
  })
  assert.equal(parseArguments(['--help', '--nonsense']).task.kind, 'help')
})

test('everything that is wrong or contradicts is named at once', () => {
  const lines = linesOf(['--seed', 'x', '--seeds', '0', '--bench', '--trase', '--resume', 'file'])
  assert.equal(lines.length, 5)
  assert.match(lines.join('\n'), /--seed: expected a whole number.*got x/)
  assert.match(lines.join('\n'), /--trase: expected one of the options/)
  assert.match(lines.join('\n'), /--seeds, --seed, --bench: one of them at a time/)
  assert.match(lines.join('\n'), /--resume: not with/)
  assert.deepEqual(linesOf(['--trace']), ['--trace: needs --seed or --twin'])
})
