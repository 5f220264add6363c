/** What a command's words, this machine or a registry do not allow: one sentence, exit code 2. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
}
