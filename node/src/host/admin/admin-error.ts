/** The admin port cannot be opened; the message says which and why. Handled at the edge. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
}
