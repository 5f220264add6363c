import { join } from 'node:path'

/** Where a validator's log and state lie below its data folder. */
export function dataFoldersOf(dataDirectory: string): {
  readonly log: string
  readonly state: string
} {
  return { log: join(dataDirectory, 'log'), state: join(dataDirectory, 'state') }
}
