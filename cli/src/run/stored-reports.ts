import type { LoadResult } from '@shardnet/load-generator'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folderBytes } from '../folder-size.ts'
import { InputError } from '../input-error.ts'
import { reportsHome, resolveTyped } from '../place.ts'

/** A report on the disk; its result is null where it cannot be read. */
export interface StoredReport {
  readonly name: string
  readonly folder: string
  readonly bytes: number
  readonly result: LoadResult | null
}

/** All reports below reports/, oldest first. */
export async function listReports(): Promise<readonly StoredReport[]> {
  const home = reportsHome()
  if (!existsSync(home)) return []
  const names = (await readdir(home)).filter((name) => isReport(join(home, name))).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const folder = join(home, name)
      return { name, folder, bytes: folderBytes(folder), result: await readResult(folder) }
    }),
  )
}

/**
 * The report of a folder or name, or the newest.
 * @throws {InputError} when there is none.
 */
export async function findReport(
  typed: string | undefined,
): Promise<{ folder: string; result: LoadResult }> {
  const newest =
    typed === undefined
      ? (await listReports()).findLast(({ result }) => result !== null)
      : undefined
  if (typed === undefined && newest === undefined)
    throw new InputError(['DIR: expected a report, got none in reports/'])
  const folder = newest?.folder ?? reportFolder(typed ?? '')
  const result = newest?.result ?? (await readResult(folder))
  if (result === null)
    throw new InputError([`DIR: expected a readable result.json in ${folder}, got another file`])
  return { folder, result }
}

/**
 * Folder of a report by its path or name. Nothing that is no report can be named: this is also what is removed.
 * @throws {InputError} when there is none.
 */
export function reportFolder(typed: string): string {
  const candidates = [join(reportsHome(), typed), resolveTyped(typed)]
  const found = candidates.find(isReport)
  if (found === undefined)
    throw new InputError([
      `DIR: expected a folder with a result.json, got ${JSON.stringify(typed)}`,
    ])
  return found
}

function isReport(folder: string): boolean {
  return existsSync(join(folder, 'result.json'))
}

async function readResult(folder: string): Promise<LoadResult | null> {
  const { LoadResult } = await import('@shardnet/load-generator')
  try {
    const parsed = LoadResult.safeParse(
      JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')),
    )
    return parsed.success ? parsed.data : null
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error)) return null
    throw error
  }
}
