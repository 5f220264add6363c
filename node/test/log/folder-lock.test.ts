import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockFolder } from '../../src/host/log/folder-lock.ts'
import { isLogError } from './open-log.ts'

const HOLDER = new URL('./lock-holder.ts', import.meta.url).pathname

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shardnet-lock-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('one folder, one holder: the same process and another one are refused, and let in afterwards', async () => {
  await withFolder(async (folder) => {
    const unlock = await lockFolder(folder)
    await assert.rejects(lockFolder(folder), isLogError('locked', /one process at a time/))
    assert.equal(await holderSays(folder), 'locked')
    await unlock()
    assert.equal(await holderSays(folder), 'held')
    const again = await lockFolder(folder)
    await again()
    assert.deepEqual(await readdir(folder), [])
  })
})

async function holderSays(folder: string): Promise<string> {
  const child = spawn(process.execPath, [HOLDER, folder, 'release'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said = await child.stdout.toArray()
  return Buffer.concat(said).toString().trim()
}

test('the lock of a killed process is taken over, by one of many', async () => {
  await withFolder(async (folder) => {
    const child = spawn(process.execPath, [HOLDER, folder, 'keep'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await assert.rejects(
      lockFolder(folder),
      isLogError('locked', new RegExp(`process ${child.pid}`)),
    )
    child.kill('SIGKILL')
    await once(child, 'exit')
    const answers = await Promise.all([1, 2, 3].map(() => holderSays(folder)))
    assert.ok(answers.includes('held'), answers.join())
    const unlock = await lockFolder(folder)
    await unlock()
  })
})

test('a lock of a process id that now belongs to another process, or of another boot, is taken over', async () => {
  await withFolder(async (folder) => {
    const unlock = await lockFolder(folder)
    const text = await readFile(join(folder, 'lock'), 'utf8')
    await unlock()
    const own = JSON.parse(text) as Record<string, unknown>
    const strangers = [
      { ...own, processId: process.ppid, startedAt: '1' },
      { ...own, processId: process.ppid, bootId: 'another' },
      { ...own, processId: 2 ** 22 + 1 },
    ]
    for (const stranger of [
      ...strangers.map((holder) => JSON.stringify(holder)),
      '',
      '{"processId":',
      '7',
    ]) {
      await writeFile(join(folder, 'lock'), stranger)
      const release = await lockFolder(folder)
      await release()
    }
  })
})
