import { join } from 'node:path'
import { E2eError } from '../cluster/e2e-error.ts'
import { capture } from '../cluster/process/capture.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** What the suites call the image; no registry has it. */
export const SHARDNET_IMAGE = 'localhost/shardnet:e2e'

/** Builds the project's image, as `npm run image` does, into a file. */
export function buildShardnetImage(file: string): Promise<string> {
  return build(['--name', SHARDNET_IMAGE, '--out', file], file)
}

/** An image of one static program. */
export function buildProgramImage(name: string, program: string, file: string): Promise<string> {
  return build(['--name', name, '--program', program, '--out', file], file)
}

async function build(words: readonly string[], file: string): Promise<string> {
  const program = join(ROOT, 'tools', 'image.ts')
  const { code, text } = await capture(process.execPath, [program, ...words])
  if (code !== 0) throw new E2eError(`npm run image failed:\n${text}`)
  return file
}
