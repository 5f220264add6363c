/** Something about this machine or a testnet on it that keeps a command from its work: one sentence, no stack trace. */
export class LocalError extends Error {
  override readonly name = 'LocalError'
  readonly code: LocalErrorCode

  constructor(code: LocalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** `unknownTestnet`, `alreadyRunning` and `unsupported` are the caller's to mend (exit 2); the others the machine's (exit 3). */
export type LocalErrorCode =
  | 'unknownTestnet'
  | 'alreadyRunning'
  | 'unsupported'
  | 'notRunning'
  | 'portInUse'
  | 'damagedState'
  | 'launchFailed'
