import assert from 'node:assert/strict'
import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { diskRoomBytes } from '../../src/host/log/disk-room.ts'

test('the room of a folder is that of its file system, and a folder that is gone has none', () => {
  const { blocks, bsize } = statfsSync(tmpdir())
  const room = diskRoomBytes(tmpdir())
  assert.ok(room > 0 && room <= blocks * bsize, `${room} bytes`)
  assert.equal(diskRoomBytes(join(tmpdir(), 'no-such-folder-of-a-testnet')), 0)
})
