/** Why the network could not start or take its instructions. */
export type NetworkErrorCode = 'addressInUse' | 'cannotListen' | 'notInCommittee' | 'badAddress'

/** The world or the configuration stops the network; the message says what to do. Handled at the edge. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'
  readonly code: NetworkErrorCode

  constructor(code: NetworkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Messages of an error and of everything inside it: libp2p wraps what the socket said. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const inside: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause]
  return [error.message, ...inside.filter((part) => part !== undefined).map(describeError)].join(
    ': ',
  )
}
