import type { ImageFile } from './image-file.ts'

/** Which of Debian's source packages something was built from. */
export interface DebianSource {
  readonly name: string
  readonly version: string
}

/** A shared library of an image. */
export interface Library {
  readonly file: ImageFile & { readonly kind: 'file' }
  /** Nothing where the machine that it is from is no Debian. */
  readonly source: DebianSource | null
}

/** @param path in the image, without a leading slash. */
export function libraryAt(path: string, bytes: Uint8Array, source: DebianSource | null): Library {
  return { file: { kind: 'file', path, mode: 0o755, content: { bytes } }, source }
}
