import { holderOf } from '@shardnet/operator/claim'
import { endProcesses, ProcessIdentity } from '@shardnet/operator/process-identity'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

const GRACE_MS = 3_000

/**
 * Takes down what killed runs left in a folder of clusters: programs by id and start time, so that a later program of
 * the same id is safe; then whatever else `takeDown` knows of; then the folder.
 */
export async function removeLeftOvers(
  clusters: string,
  takeDown: (folder: string) => Promise<void>,
): Promise<void> {
  for (const name of await namesIn(clusters)) {
    const folder = join(clusters, name)
    // Without a claim it is about to get one.
    if (!existsSync(join(folder, 'claim.json')) || holderOf(folder) !== null) continue
    await endProcesses(await recordedProcesses(folder), GRACE_MS)
    await takeDown(folder)
    await rm(folder, { recursive: true, force: true })
  }
}

async function recordedProcesses(folder: string): Promise<readonly ProcessIdentity[]> {
  const place = join(folder, 'processes')
  const texts = await Promise.all(
    (await namesIn(place)).map((name) => readFile(join(place, name), 'utf8')),
  )
  return texts.flatMap((text) => {
    const parsed = ProcessIdentity.safeParse(jsonOf(text))
    return parsed.success ? [parsed.data] : []
  })
}

/** A run that is killed while it writes leaves half a file: that program is not known then. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
