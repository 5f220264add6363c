import type { SourceFile } from './source-file.ts'

const LINES_MAX = 400
/** Spelt with classes so that this file passes its own rule. */
const leftover = /\b(?:TO[D]O|FIX[M]E)\b/

/** No file grows beyond what one sitting can read. */
export function lengthProblems(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => /\.(?:ts|cjs|rs|sh)$/.test(path))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(
      ({ path, lines }) => `${path}: ${lines} lines, the limit is ${LINES_MAX}; split it by noun`,
    )
}

/** kebab-case, because some file systems cannot tell capitals apart. Root pages have their customary capitals. */
export function nameProblems(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => /\.(?:ts|cjs)$/.test(path))
    .filter(
      ({ path }) => !path.split('/').every((part) => /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(part)),
    )
    .map(({ path }) => `${path}: names of files and folders are kebab-case`)
}

/** Unfinished work is an issue, not a remark in the code. */
export function leftoverProblems(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        leftover.test(line) ? [`${path}:${index + 1}: unfinished work belongs into an issue`] : [],
      ),
  )
}

/** One page, one title. */
export function titleProblems(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => path.endsWith('.md'))
    .map(({ path, text }) => ({ path, titles: titlesOf(text) }))
    .filter(({ titles }) => titles !== 1)
    .map(({ path, titles }) => `${path}: has ${titles} titles ("# …"), a page has one`)
}

function titlesOf(text: string): number {
  const prose = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '')
  return prose.match(/^# \S/gm)?.length ?? 0
}

/** Every room that exists says what lives there; the names at the root are fixed, others build on them. */
export function roomProblems(
  files: readonly SourceFile[],
  rooms: readonly string[],
): readonly string[] {
  const paths = new Set(files.map(({ path }) => path))
  const existing = rooms.filter((room) => [...paths].some((path) => path.startsWith(`${room}/`)))
  const fixed = ['package.json', 'tsconfig.json', ...existing.map((room) => `${room}/README.md`)]
  const named = ['node', 'operator', 'infra', 'charts', 'dashboards', 'load-generator']
  const missing = named.filter((room) => !existing.includes(room)).map((room) => `${room}/`)
  return [...missing, ...fixed.filter((path) => !paths.has(path))].map(
    (path) => `${path}: is missing`,
  )
}
