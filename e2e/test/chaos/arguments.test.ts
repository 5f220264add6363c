import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { ArgumentError, chaosArguments } from '../../chaos/arguments.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'chaos', 'main.ts')

test('everything has its default, and everything can be said', () => {
  const { seed, lengthMs, json, rate } = chaosArguments([]) ?? assert.fail()
  assert(Number.isInteger(seed))
  assert.deepEqual([lengthMs, json, rate], [180_000, null, 120])
  const words = ['--seed', '7', '--for', '1m30s', '--json=-', '--rate', '40']
  const said = chaosArguments(words)
  assert.deepEqual(said, { seed: 7, lengthMs: 90_000, json: '-', rate: 40 })
  assert.equal(chaosArguments(['--help']), null)
})

test('every problem is told at once', () => {
  const words = ['--seed', 'x', '--for', '3', '--rate', '0', '--sede', '1', 'loose', '--json']
  assert.throws(
    () => chaosArguments(words),
    (error) => {
      assert(error instanceof ArgumentError)
      const told = error.problems.join('\n')
      for (const flag of ['--seed:', '--for:', '--rate:', '--sede:', 'got loose', '--json:'])
        assert(told.includes(flag), `${flag} in ${told}`)
      return true
    },
  )
})

test('bad input ends with 2 and no stack trace', () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, '--for', 'soon'], {
    encoding: 'utf8',
  })
  assert.equal(status, 2)
  assert.match(stderr, /--for: expected a length of time/)
  assert.doesNotMatch(stderr, /\n\s+at /)
})
