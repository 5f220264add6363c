import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { fileSystemKindOf, refuseMemoryFileSystem } from '../../src/host/log/file-system-kind.ts'
import { isLogError } from './open-log.ts'

test(
  'a file system in memory is told apart and refused for measurements',
  { skip: !existsSync('/dev/shm') },
  async () => {
    assert.deepEqual(await fileSystemKindOf('/dev/shm'), { name: 'tmpfs', isMemory: true })
    await assert.rejects(
      refuseMemoryFileSystem('/dev/shm'),
      isLogError('memoryFileSystem', /name a folder on a disk/),
    )
  },
)

test('every folder has some kind', async () => {
  const { name } = await fileSystemKindOf(tmpdir())
  assert.notEqual(name, '')
})
