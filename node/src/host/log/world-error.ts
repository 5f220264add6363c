import { Defect } from '../../core/errors.ts'
import { LogError } from '../../core/log/log-error.ts'

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** An error of the file system as the one class of this room; our own mistakes pass through unchanged as defects. */
export function asLogError(error: unknown, folder: string): LogError {
  if (error instanceof LogError) return error
  if (error instanceof Defect) throw error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const said = error instanceof Error ? error.message : String(error)
  const options = { cause: error }
  if (DISK_FULL.has(code)) {
    return new LogError(
      'diskFull',
      `${folder}: no space left for the log (${said}); free some and start the validator again.`,
      options,
    )
  }
  if (error instanceof Error && 'syscall' in error && /sync/.test(String(error.syscall))) {
    return new LogError(
      'sync',
      `${folder}: the disk did not confirm a write (${said}). What is on it is unknown, so the validator stops; check the disk, then start it again.`,
      options,
    )
  }
  return new LogError('inputOutput', `${folder}: the file system failed (${said}).`, options)
}
