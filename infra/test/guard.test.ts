import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

const guard = pathToFileURL(join(import.meta.dirname, '../guard.mjs')).href

test('an older Node is told so in one sentence', () => {
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '22.4.0' } }); import(${JSON.stringify(guard)})`
  const { status, stderr } = spawnSync(process.execPath, ['-e', pretend], { encoding: 'utf8' })
  assert.equal(status, 1)
  assert.equal(stderr, 'infra/ needs Node 24 or newer, and this is 22.4.0.\n')
})

test('is one program to the SDK: a default export and no other', async () => {
  const { default: program, ...others } = await import(guard)
  assert.equal(typeof program, 'function')
  assert.deepEqual(Object.keys(others), [])
})
