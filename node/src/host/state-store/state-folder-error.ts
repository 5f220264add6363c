import { Defect } from '../../core/errors.ts'
import { StateStoreError } from '../../core/ledger/checkpoint.ts'

/** What keeps a state folder from being used although its content may be whole. */
export type StateFolderErrorCode = 'locked' | 'inputOutput'

/** The world's mistake, as far as the state store meets it; one sentence for the person who runs the validator. */
export class StateFolderError extends Error {
  override readonly name = 'StateFolderError'
  readonly code: StateFolderErrorCode

  constructor(code: StateFolderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** An error of LevelDB or the file system as one of the classes that this room throws; defects pass. */
export function worldError(error: unknown, directory: string): StateStoreError | StateFolderError {
  if (error instanceof StateStoreError || error instanceof StateFolderError) return error
  if (error instanceof Defect) throw error
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const said = cause instanceof Error ? cause.message : String(cause)
  const options = { cause: error }
  if (code === 'LEVEL_LOCKED') {
    return new StateFolderError(
      'locked',
      `${directory}: another process has this state folder open.`,
      options,
    )
  }
  // Opening makes what is missing, so a file that LevelDB misses is one that it had made before.
  if (code === 'LEVEL_CORRUPTION' || said.includes('No such file')) {
    return new StateStoreError(`${directory}: damaged (${said})`, options)
  }
  return new StateFolderError(
    'inputOutput',
    `${directory}: the file system failed (${said}).`,
    options,
  )
}
