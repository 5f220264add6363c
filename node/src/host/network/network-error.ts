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
