import { join } from 'node:path'
import { E2eError } from '../cluster/e2e-error.ts'
import { capture } from '../cluster/process/capture.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** The files of the image as a folder: what ships is one bundle a program. Returns the application in it. */
export async function buildApplicationTree(folder: string): Promise<string> {
  const program = join(ROOT, 'tools', 'image.ts')
  const { code, text } = await capture(process.execPath, [program, '--tree', folder])
  if (code !== 0) throw new E2eError(`the image's files could not be made:\n${text}`)
  return join(folder, 'app')
}
