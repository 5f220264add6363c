/** What stopped the log; each is one clear sentence for the person who runs the validator. */
export type LogErrorCode =
  /** Bytes that were synced are wrong or missing. */
  | 'damaged'
  /** Another process has the folder open. */
  | 'locked'
  | 'otherNetwork'
  | 'newerFormat'
  /** The file system has no space left. */
  | 'diskFull'
  /** The validator's own byte budget is used up. */
  | 'budget'
  /** fsync failed: what is on disk is unknown, so it is never tried again. */
  | 'sync'
  /** Any other error of the file system. */
  | 'inputOutput'
  /** The log was closed, or stopped by an error before. */
  | 'closed'
  /** The data folder lies in memory, where nothing is durable. */
  | 'memoryFileSystem'

/** The world's mistake, as far as the log meets it. The validator stops with the message; it never goes on past one. */
export class LogError extends Error {
  override readonly name = 'LogError'
  readonly code: LogErrorCode

  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Where damage is and what to do about it. */
export function damagedError(file: string, offset: number, what: string): LogError {
  return new LogError(
    'damaged',
    `${file}: ${what} at byte ${offset}, and later parts of the log are there, so this is damage and not a cut-off write. ${REMEDY}`,
  )
}

/** What a person does about damage. */
export const REMEDY =
  'Move the data folder away and start the validator without it: it fetches the chain from its peers as an observer and does not vote. Or put a whole good copy of the folder in its place.'
