import { lockFolder } from '../../src/host/log/folder-lock.ts'
import { LogError } from '../../src/core/log/log-error.ts'

// Started by folder-lock.test.ts: takes a lock, says so, and keeps it until it is killed, or gives it back.
const [folder = '', then] = process.argv.slice(2)
try {
  const unlock = await lockFolder(folder)
  console.log('held')
  if (then === 'keep') setInterval(() => {}, 1_000)
  else await unlock()
} catch (error) {
  if (!(error instanceof LogError)) throw error
  console.log(error.code)
}
