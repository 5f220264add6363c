import {
  DocumentError,
  type DocumentProblem,
  parseDocuments,
  type Sourced,
} from './parse-documents.ts'
import type { FaultPlan } from './fault.ts'
import { API_VERSION } from './field.ts'
import { LoadTest } from './load-test.ts'
import { Testnet } from './testnet.ts'

/** What one run needs: a testnet, and the load it takes. */
export interface RunDocuments {
  readonly testnet: Testnet
  readonly loadTest: LoadTest
}

/** Name of the testnet that runs when no file names another. */
export const DEFAULT_NAME = 'local'

/** The testnet of `npm start` without a file: everything at its default. */
export function defaultTestnet(): Testnet {
  return Testnet.parse({
    apiVersion: API_VERSION,
    kind: 'Testnet',
    metadata: { name: DEFAULT_NAME },
  })
}

/** The load of `npm start` without a file: criteria that a slow machine does not miss. */
export function defaultLoadTest(testnet: string): LoadTest {
  return LoadTest.parse({
    apiVersion: API_VERSION,
    kind: 'LoadTest',
    metadata: { name: 'default' },
    spec: { testnet },
  })
}

/**
 * The testnet and the load of a file. A file without a LoadTest gets the default load; its Faults join those of the load,
 * so that they too count from its start.
 * @throws {DocumentError} with all problems.
 */
export function parseRunDocuments(text: string, source: string): RunDocuments {
  const documents = parseDocuments(text, source)
  const problems: DocumentProblem[] = []
  const testnets = documents.flatMap((each) =>
    each.document.kind === 'Testnet' ? [each.document] : [],
  )
  const loadTests = documents.flatMap((each) =>
    each.document.kind === 'LoadTest' ? [each.document] : [],
  )
  const count = (kind: string, found: number) => ({
    source,
    line: 1,
    document: '',
    path: '',
    expected: `one ${kind}`,
    got: found === 0 ? 'none' : String(found),
  })
  if (testnets.length !== 1) problems.push(count('Testnet', testnets.length))
  if (loadTests.length > 1) problems.push(count('LoadTest at most', loadTests.length))
  for (const sourced of documents)
    problems.push(...problemsAmong(sourced, testnets[0]?.metadata.name))
  const [testnet] = testnets
  if (problems.length > 0 || testnet === undefined) throw new DocumentError(problems)
  const loadTest = loadTests[0] ?? defaultLoadTest(testnet.metadata.name)
  return { testnet, loadTest: withFaultsOf(loadTest, documents) }
}

/** Fault documents as faults of a load test. */
function withFaultsOf(loadTest: LoadTest, documents: readonly Sourced[]): LoadTest {
  const faults = faultPlansIn(documents).map(({ plan }) => plan)
  return { ...loadTest, spec: { ...loadTest.spec, faults: [...loadTest.spec.faults, ...faults] } }
}

function faultPlansIn(
  documents: readonly Sourced[],
): readonly { readonly testnet: string; readonly plan: FaultPlan }[] {
  return documents.flatMap(({ document }) => {
    if (document.kind !== 'Fault') return []
    const { testnet, ...plan } = document.spec
    return [{ testnet, plan }]
  })
}

/**
 * The Faults of a file, each with the testnet that it names.
 * @throws {DocumentError} with all problems; a file with anything else is one.
 */
export function parseFaults(
  text: string,
  source: string,
): readonly { readonly testnet: string; readonly plan: FaultPlan }[] {
  const documents = parseDocuments(text, source)
  const problems = documents
    .filter(({ document }) => document.kind !== 'Fault')
    .map(({ document: { kind, metadata }, lineOf }) => ({
      source,
      line: lineOf(['kind']),
      document: `${kind} ${metadata.name}`,
      path: 'kind',
      expected: '"Fault"',
      got: `"${kind}"`,
    }))
  if (problems.length > 0) throw new DocumentError(problems)
  return faultPlansIn(documents)
}

/**
 * The one LoadTest of a file.
 * @throws {DocumentError} with all problems.
 */
export function parseLoadTest(text: string, source: string): LoadTest {
  const documents = parseDocuments(text, source)
  const loadTests = documents.flatMap((each) =>
    each.document.kind === 'LoadTest' ? [each.document] : [],
  )
  const [loadTest] = loadTests
  const strangers = documents.filter(
    ({ document }) => document.kind === 'Fault' && document.spec.testnet !== loadTest?.spec.testnet,
  )
  if (loadTest !== undefined && loadTests.length === 1) {
    const problems = strangers.flatMap((each) => problemsAmong(each, loadTest.spec.testnet))
    if (problems.length > 0) throw new DocumentError(problems)
    return withFaultsOf(loadTest, documents)
  }
  const got = loadTests.length === 0 ? 'none' : String(loadTests.length)
  throw new DocumentError([
    { source, line: 1, document: '', path: '', expected: 'one LoadTest', got },
  ])
}

function problemsAmong(sourced: Sourced, testnet: string | undefined): readonly DocumentProblem[] {
  const { document, source } = sourced
  const name = `${document.kind} ${document.metadata.name}`
  const at = (keys: readonly PropertyKey[], expected: string, got: string): DocumentProblem => {
    return {
      source,
      line: sourced.lineOf(keys),
      document: name,
      path: keys.join('.'),
      expected,
      got,
    }
  }
  switch (document.kind) {
    case 'Testnet':
    case 'Cluster':
      return []
    case 'Shard':
      return [
        at(['kind'], 'Testnet, LoadTest or Cluster: Shards are made by the operator', '"Shard"'),
      ]
    case 'Fault':
    case 'LoadTest': {
      if (testnet === undefined || document.spec.testnet === testnet) return []
      const expected = `"${testnet}", the testnet of this file`
      return [at(['spec', 'testnet'], expected, `"${document.spec.testnet}"`)]
    }
  }
}
