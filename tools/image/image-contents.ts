import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../run.ts'
import { addOnsAmong, application } from './application-files.ts'
import { billOfMaterials } from './bill-of-materials.ts'
import type { ImageFile } from './image-file.ts'
import type { Platform } from './platform.ts'
import { nodeRuntime, runtimeFiles, wholeRuntime } from './runtime-files.ts'

/** Every file of the image for one platform, by layer. */
export interface ImageContents {
  readonly runtime: readonly ImageFile[]
  readonly application: readonly ImageFile[]
  /** Among the application's files as well. */
  readonly bill: ImageFile
}

export async function imageContents(platform: Platform): Promise<ImageContents> {
  const { files, packages } = await application(platform)
  const runtime = wholeRuntime(platform, addOnsAmong(files))
  const bill = billOfMaterials({ version: projectVersion(), packages, platform, runtime })
  return { runtime: runtimeFiles(runtime), application: [...files, bill], bill }
}

/** What goes on top of a base image, which has the libraries and a list of its own. */
export async function treeContents(platform: Platform): Promise<readonly ImageFile[]> {
  const { files, packages } = await application(platform)
  const runtime = nodeRuntime(platform)
  const bill = billOfMaterials({ version: projectVersion(), packages, platform, runtime })
  return [runtime.node.file, ...files, bill]
}

export function projectVersion(): string {
  const text = readFileSync(join(projectRoot, 'package.json'), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}
