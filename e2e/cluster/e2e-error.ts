/** Something about this machine keeps a suite from running: one sentence with what to do, no stack trace. */
export class E2eError extends Error {
  override readonly name = 'E2eError'
}
