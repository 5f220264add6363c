import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { whileCountingAlone } from '../src/run/counter-lock.ts'
import { InputError } from '../src/run/input-error.ts'

const HOLDER = fileURLToPath(new URL('counter-holder.ts', import.meta.url))
const MAIN = fileURLToPath(new URL('../src/run/main.ts', import.meta.url))

test('who counts in a file keeps others out of it, and leaves nothing behind', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'shardnet-counter-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'counter.json')
  await whileCountingAlone(file, async () => {
    await assert.rejects(
      whileCountingAlone(file, () => Promise.resolve()),
      InputError,
    )
    await whileCountingAlone(join(folder, 'other.json'), () => Promise.resolve())
  })
  assert.equal(await whileCountingAlone(file, () => Promise.resolve(7)), 7)
  assert.deepEqual(readdirSync(folder), [])
})

test("a second run with the file of another one ends with 2 and one sentence; a killed one is in nobody's way", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'shardnet-counter-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'counter.json')
  const holder = spawn(process.execPath, [HOLDER, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  context.after(() => holder.kill('SIGKILL'))
  await once(holder.stdout, 'data')
  const run = (what: string) =>
    spawnSync(process.execPath, [MAIN, what, '2', '--resume', file], { encoding: 'utf8' })
  for (const what of ['--seeds', '--twins']) {
    const { status, stderr } = run(what)
    assert.equal(status, 2)
    assert.equal(
      stderr,
      `shardnet sim: ${file}: another run is counting in this file; wait for its end, or give --resume another file\n`,
    )
    assert.ok(!existsSync(file))
  }
  const ended = once(holder, 'exit')
  holder.kill('SIGKILL')
  await ended
  const { status, stdout } = run('--twins')
  assert.equal(status, 0)
  assert.match(stdout, /2 Twins scenarios are clean/)
  assert.deepEqual(readdirSync(folder), ['counter.json'])
})
