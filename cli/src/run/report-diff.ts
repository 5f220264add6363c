import { compare, type Comparison, LoadResult, type NamedResult } from '@shardnet/load-generator'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { InputError } from '../input-error.ts'
import { peopleStream, writeJson } from '../output.ts'
import { reportsHome, resolveTyped } from '../place.ts'
import { tableText } from '../view/format.ts'

const SHARE = /^(\d{1,2}(?:\.\d+)?)%$/
const PROBLEMS_SHOWN = 3

/**
 * Compares two sides. Each is a list of files, folders or names with commas between them; patterns are expanded.
 * @throws {InputError} with every problem of both sides.
 */
export async function diff(
  a: string,
  b: string,
  flags: { readonly json?: string; readonly tolerance: string },
): Promise<ExitCode> {
  const problems: string[] = []
  const before = resultsOf('A', a, problems)
  const after = resultsOf('B', b, problems)
  const share = SHARE.exec(flags.tolerance)?.[1]
  if (share === undefined)
    problems.push(
      `--tolerance: expected a share such as 2%, got ${JSON.stringify(flags.tolerance)}`,
    )
  if (problems.length > 0) throw new InputError(problems)
  const comparison = compare(before, after, Number(share) / 100)
  if (flags.json !== undefined) writeJson(flags.json, comparison)
  peopleStream(flags.json).write(`${comparisonText(comparison)}\n`)
  return comparison.outcome === 'worse' ? exitCode.failed : exitCode.passed
}

function resultsOf(side: string, typed: string, problems: string[]): readonly NamedResult[] {
  const found = typed
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const files = filesOf(part)
      if (files.length === 0)
        problems.push(
          `${side}: expected a result.json or a folder with one, got ${JSON.stringify(part)}`,
        )
      return files
    })
  if (typed.replaceAll(',', '') === '') problems.push(`${side}: expected a report, got nothing`)
  return found.flatMap((file) => readResult(side, file, problems))
}

function filesOf(part: string): readonly string[] {
  const candidates = /[*?[\]{}]/.test(part)
    ? globSync(resolveTyped(part))
    : [resolveTyped(part), join(reportsHome(), part)]
  const files = candidates
    .filter((path) => existsSync(path))
    .map((path) => (statSync(path).isDirectory() ? join(path, 'result.json') : path))
    .filter((path) => existsSync(path))
  return /[*?[\]{}]/.test(part) ? files.toSorted() : files.slice(0, 1)
}

function readResult(side: string, file: string, problems: string[]): readonly NamedResult[] {
  try {
    const checked = LoadResult.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    if (checked.success) return [{ name: file, result: checked.data }]
    for (const { path, message } of checked.error.issues.slice(0, PROBLEMS_SHOWN))
      problems.push(
        `${side}: ${file}: ${path.join('.')}: expected a result of format 2: ${message}`,
      )
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    problems.push(`${side}: ${file}: expected JSON, got another file`)
  }
  return []
}

const OUTCOME_WORDS = {
  better: 'better',
  worse: 'WORSE',
  same: 'the same',
  cannotTell: 'cannot tell',
} as const
const METRIC_WORDS: Readonly<Record<Comparison['metrics'][number]['name'], string>> = {
  committedPerSecond: 'Committed/s',
  p50Ms: 'p50 in ms',
  p99Ms: 'p99 in ms',
  kneePerSecond: 'Knee/s',
  perCoreSecondUsed: 'Committed per core second',
}

function comparisonText(comparison: Comparison): string {
  const rows = comparison.metrics.map(({ name, before, after, text, outcome }) => [
    METRIC_WORDS[name],
    before.value.toFixed(1),
    after.value.toFixed(1),
    text,
    OUTCOME_WORDS[outcome],
  ])
  const runs = `${comparison.before.length} and ${comparison.after.length} runs`
  return [
    tableText([['', 'A', 'B', 'CHANGE (95 %)', ''], ...rows]),
    ...comparison.warnings.map((warning) => `Note: ${warning}.`),
    `B is ${OUTCOME_WORDS[comparison.outcome]} (${runs}; changes below ${100 * comparison.tolerance} % do not matter)`,
  ].join('\n')
}
