import { ImageError } from './image-error.ts'

/** What an image runs on, in the words of those who have to know: container runtimes, Node and Debian. */
export interface Platform {
  /** As `--platform` takes it. */
  readonly name: string
  /** Of OCI, and of Debian as well. */
  readonly architecture: string
  readonly variant?: string
  /** Of Node and of npm. */
  readonly nodeArchitecture: string
  /** Folder of shared libraries, as Debian's loader knows it without being told. */
  readonly libraryFolder: string
}

const AMD64: Platform = {
  name: 'linux/amd64',
  architecture: 'amd64',
  nodeArchitecture: 'x64',
  libraryFolder: 'usr/lib/x86_64-linux-gnu',
}

const ARM64: Platform = {
  name: 'linux/arm64',
  architecture: 'arm64',
  variant: 'v8',
  nodeArchitecture: 'arm64',
  libraryFolder: 'usr/lib/aarch64-linux-gnu',
}

/** Every platform that the lock has add-ons and Node for. */
export const PLATFORMS: readonly Platform[] = [AMD64, ARM64]

/** The one that a container engine on this machine would run. */
export function platformOfMachine(): Platform {
  return process.arch === ARM64.nodeArchitecture ? ARM64 : AMD64
}

/**
 * @param text such as `linux/amd64,linux/arm64`.
 * @throws {ImageError} when one of them is none of ours.
 */
export function parsePlatforms(text: string): readonly Platform[] {
  const asked = text.split(',').map((word) => word.trim())
  const unknown = asked.filter((word) => platformOf(word) === undefined)
  if (unknown.length > 0) {
    const names = PLATFORMS.map(({ name }) => name).join(' and ')
    const words = unknown.map((word) => `'${word}'`).join(', ')
    throw new ImageError(`--platform: no image can be made for ${words}, only for ${names}`)
  }
  return PLATFORMS.filter((platform) => asked.some((word) => platformOf(word) === platform))
}

function platformOf(word: string): Platform | undefined {
  return PLATFORMS.find(({ name, variant }) => word === name || word === `${name}/${variant}`)
}
