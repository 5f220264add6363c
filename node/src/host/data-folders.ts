import { join } from 'node:path'

/** Where a validator's log, state and link rules lie below its data folder. */
export function dataFoldersOf(dataDirectory: string): {
  readonly log: string
  readonly state: string
  /** Link rules in force, so that a restart does not end a fault. */
  readonly linkRules: string
} {
  return {
    log: join(dataDirectory, 'log'),
    state: join(dataDirectory, 'state'),
    linkRules: join(dataDirectory, 'link-rules.json'),
  }
}
