import type { Problem } from '@shardnet/node/config'
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document as YamlDocument,
} from 'yaml'
import { checkDocument, type Document, hasProblems, isKind } from './document.ts'
import { problemAt } from './problem.ts'

/** A problem in a file: the field, and the line it stands in (or the line of what it is missing from). */
export interface DocumentProblem extends Problem {
  readonly source: string
  /** Counted from 1. */
  readonly line: number
  /** The document in words, such as `Testnet demo`; empty when it does not say what it is. */
  readonly document: string
}

/** Everything that is wrong with a file that people wrote, at once. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError'
  readonly problems: readonly DocumentProblem[]

  constructor(problems: readonly DocumentProblem[]) {
    super(problems.map(problemText).join('\n'))
    this.problems = problems
  }
}

/** One line for one problem. */
export function problemText(problem: DocumentProblem): string {
  const place = [`${problem.source}:${problem.line}`, problem.document, problem.path]
  return `${place.filter((part) => part !== '').join(': ')}: expected ${problem.expected}, got ${problem.got}`
}

/** A document with the file and line it came from, so that later checks can point at it. */
export interface Sourced {
  readonly document: Document
  readonly source: string
  readonly line: number
  /** Line of the field at a path, or of the nearest field around it. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

const FILE_CHARACTERS_MAX = 1_000_000

/**
 * Reads the documents of one file.
 * @throws {DocumentError} with all problems of all documents of the file.
 */
export function parseDocuments(text: string, source: string): readonly Sourced[] {
  if (text.length > FILE_CHARACTERS_MAX) {
    const expected = `a file of at most ${FILE_CHARACTERS_MAX} characters`
    throw new DocumentError([
      { source, line: 1, document: '', path: '', expected, got: String(text.length) },
    ])
  }
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })
  const parsed: Sourced[] = []
  const problems: DocumentProblem[] = []
  for (const yaml of 'empty' in documents ? [] : documents) {
    if (yaml.errors.length === 0 && yaml.contents === null) continue // Nothing between two separators.
    const result = parseOne(yaml, source, lines)
    if ('document' in result) parsed.push(result)
    else problems.push(...result.problems)
  }
  problems.push(...repeated(parsed))
  if (parsed.length === 0 && problems.length === 0) {
    problems.push({
      source,
      line: 1,
      document: '',
      path: '',
      expected: 'at least one document',
      got: 'an empty file',
    })
  }
  if (problems.length > 0) throw new DocumentError(problems)
  return parsed
}

type Parsed = Sourced | { readonly problems: readonly DocumentProblem[] }

function parseOne(yaml: YamlDocument.Parsed, source: string, lines: LineCounter): Parsed {
  const lineOf = (path: readonly PropertyKey[]) => lines.linePos(offsetOf(yaml, path)).line
  if (yaml.errors.length > 0) {
    const problems = yaml.errors.map((error) => ({
      source,
      line: lines.linePos(error.pos[0]).line,
      document: '',
      path: '',
      expected: 'YAML',
      got: error.message,
    }))
    return { problems }
  }
  const read = plainValueOf(yaml)
  const found =
    'failure' in read ? [problemAt([], 'YAML', read.failure)] : checkDocument(read.value)
  if (!hasProblems(found)) return { document: found, source, line: lineOf([]), lineOf }
  const document = 'failure' in read ? '' : nameOf(read.value)
  const problems = found.map(({ keys, path, expected, got }) => {
    return { source, line: lineOf(keys), document, path, expected, got }
  })
  return { problems }
}

/** Aliases that would unfold into millions of nodes are refused by the library, with an exception. */
function plainValueOf(
  yaml: YamlDocument.Parsed,
): { readonly value: unknown } | { readonly failure: string } {
  try {
    return { value: yaml.toJS() }
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) }
  }
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return ''
  const kind: unknown = Reflect.get(value, 'kind')
  if (!isKind(kind)) return ''
  const metadata: unknown = Reflect.get(value, 'metadata')
  const name: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'name') : undefined
  return typeof name === 'string' ? `${kind} ${name}` : kind
}

function repeated(parsed: readonly Sourced[]): readonly DocumentProblem[] {
  const seen = new Set<string>()
  const problems: DocumentProblem[] = []
  for (const { document, source, lineOf } of parsed) {
    const name = `${document.kind} ${document.metadata.name}`
    if (seen.has(name)) {
      const line = lineOf(['metadata', 'name'])
      const got = 'a second one'
      problems.push({
        source,
        line,
        document: name,
        path: 'metadata.name',
        expected: 'each name once',
        got,
      })
    }
    seen.add(name)
  }
  return problems
}

/** Offset of the key at a path; where the path ends early, of the nearest key around it. */
function offsetOf(yaml: YamlDocument.Parsed, path: readonly PropertyKey[]): number {
  let here: unknown = yaml.contents
  let offset = yaml.contents?.range[0] ?? yaml.range[0]
  for (const part of path) {
    const next = stepInto(here, part)
    if (next === undefined) return offset
    offset = next.offset ?? offset
    here = next.value
  }
  return offset
}

function stepInto(
  node: unknown,
  part: PropertyKey,
): { offset: number | undefined; value: unknown } | undefined {
  if (isSeq(node)) {
    const value = node.items[Number(part)]
    return value === undefined
      ? undefined
      : { offset: isNode(value) ? value.range?.[0] : undefined, value }
  }
  if (!isMap(node)) return undefined
  for (const { key, value } of node.items) {
    if (isScalar(key) && String(key.value) === part) return { offset: key.range?.[0], value }
  }
  return undefined
}
