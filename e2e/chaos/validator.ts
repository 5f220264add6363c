// The validator's program with a disk that can fail: as long as the file `fail-sync` lies beside its configuration, fdatasync
// answers EIO, at the border between Node and the validator, and the validator itself is unchanged. No part of what is shipped.
import { existsSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const [command, configFile] = process.argv.slice(2)

/** Puts a failing fdatasync into the one class that all open files of this process have. */
async function failOnOrder(orderFile: string): Promise<void> {
  const probe = await open(process.execPath, 'r')
  const prototype: FileHandle = Object.getPrototypeOf(probe)
  await probe.close()
  const original = Object.getOwnPropertyDescriptor(prototype, 'datasync')
  const datasync: unknown = original?.value
  if (typeof datasync !== 'function') throw new Error('this Node has no FileHandle.datasync')
  Object.defineProperty(prototype, 'datasync', {
    ...original,
    async value(this: FileHandle): Promise<void> {
      if (existsSync(orderFile)) {
        const error = new Error('EIO: i/o error, fdatasync')
        throw Object.assign(error, { code: 'EIO', errno: -5, syscall: 'fdatasync' })
      }
      await Reflect.apply(datasync, this, [])
    },
  })
}

if (command === 'run' && configFile !== undefined)
  await failOnOrder(join(dirname(configFile), 'fail-sync'))
await import(import.meta.resolve('@shardnet/node/main'))
