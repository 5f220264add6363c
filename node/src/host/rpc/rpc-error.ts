/** The RPC port cannot be opened; the message says which and why. Handled at the edge. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: 'addressInUse' | 'cannotListen'

  constructor(code: RpcError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
