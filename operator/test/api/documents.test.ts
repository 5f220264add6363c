import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  checkDocument,
  defaultLoadTest,
  defaultTestnet,
  parseFaults,
  parseLoadTest,
  DocumentError,
  hasProblems,
  parseDocuments,
  parseRunDocuments,
  jsonSchemaOf,
} from '../../src/api/door.ts'

const testnet = (spec: string) => `
apiVersion: shardnet.dev/v1alpha1
kind: Testnet
metadata: {name: demo}
spec: ${spec}
`
const loadTest = (spec: string) => `
apiVersion: shardnet.dev/v1alpha1
kind: LoadTest
metadata: {name: smoke}
spec: ${spec}
`
const fault = (spec: string) => `
apiVersion: shardnet.dev/v1alpha1
kind: Fault
metadata: {name: storm}
spec: ${spec}
`

function problemsOf(text: string) {
  try {
    parseDocuments(text, 'file.yaml')
  } catch (error) {
    assert.ok(error instanceof DocumentError)
    return error.problems
  }
  return []
}

/** Document, path of the one problem, words of the expectation, line. */
const bad: readonly (readonly [string, string, RegExp, number])[] = [
  [testnet('{shards: 0}'), 'spec.shards', /a whole number from 1 to 1024/, 5],
  [testnet('{shards: 1025}'), 'spec.shards', /a whole number from 1 to 1024/, 5],
  [testnet('{shards: 2.5}'), 'spec.shards', /a whole number from 1 to 1024/, 5],
  [testnet('{shards: "2"}'), 'spec.shards', /a whole number from 1 to 1024/, 5],
  [testnet('{shards: null}'), 'spec.shards', /a whole number from 1 to 1024/, 5],
  [testnet('{validatorsPerShard: 3}'), 'spec.validatorsPerShard', /from 4 to 512/, 5],
  [
    testnet('{shards: 1000, validatorsPerShard: 66}'),
    'spec.shards',
    /at most 992: shards x validatorsPerShard may be 65536/,
    5,
  ],
  [testnet('{shrads: 2}'), 'spec.shrads', /no such field/, 5],
  [testnet('{genesis: {seed: ""}}'), 'spec.genesis.seed', /1 to 64 printable/, 5],
  [testnet('{genesis: {balance: 5}}'), 'spec.genesis.balance', /as text/, 5],
  [testnet('{genesis: {balance: "0"}}'), 'spec.genesis.balance', /positive/, 5],
  [
    testnet('{genesis: {balance: "900719925474"}}'),
    'spec.genesis.balance',
    /at most 450359962737/,
    5,
  ],
  [
    testnet('{genesis: {accountsPerShard: 0}}'),
    'spec.genesis.accountsPerShard',
    /from 1 to 1000000/,
    5,
  ],
  [
    testnet('{protocol: {viewTimeoutMs: 1600}}'),
    'spec.protocol.viewTimeoutMs',
    /more than 1600/,
    5,
  ],
  [testnet('{protocol: {batchBytesMax: 1}}'), 'spec.protocol.batchBytesMax', /at least 1024/, 5],
  [testnet('{placement: {spread: Evenly}}'), 'spec.placement.spread', /"Shards", "Validators"/, 5],
  [
    testnet('{placement: {clusters: [{name: a}, {name: a}]}}'),
    'spec.placement.clusters[1].name',
    /each cluster once/,
    5,
  ],
  [testnet('{network: {links: mars}}'), 'spec.network.links', /"none"/, 5],
  [testnet('{reshard: Live}'), 'spec.reshard', /"Recreate"/, 5],
  [testnet('{storage: {size: big}}'), 'spec.storage.size', /a quantity/, 5],
  [testnet('{paused: yes please}'), 'spec.paused', /true or false/, 5],
  [testnet('{ttl: 0s}'), 'spec.ttl', /above zero/, 5],
  [testnet('{ttl: soon}'), 'spec.ttl', /a length of time/, 5],
  [testnet('[]'), 'spec', /a group of fields/, 5],
  [
    testnet('\n  protocol:\n    viewTimeoutMs: 7'),
    'spec.protocol.viewTimeoutMs',
    /at least 100/,
    7,
  ],
  [loadTest('{}'), 'spec.testnet', /a name/, 5],
  [
    loadTest('{testnet: demo, workload: {crossShard: 130%}}'),
    'spec.workload.crossShard',
    /percentage/,
    5,
  ],
  [
    loadTest('{testnet: demo, arrivals: {schedule: []}}'),
    'spec.arrivals.schedule',
    /at least one phase/,
    5,
  ],
  [
    loadTest('{testnet: demo, arrivals: {schedule: [{rate: 5, for: 5}]}}'),
    'spec.arrivals.schedule[0].for',
    /text/,
    5,
  ],
  [
    loadTest(
      '{testnet: demo, criteria: {committedPerSecondMin: 600}, arrivals: {schedule: [{rate: 500, for: 1m}]}}',
    ),
    'spec.criteria.committedPerSecondMin',
    /at most 500, the highest rate/,
    5,
  ],
  [
    loadTest(
      '{testnet: demo, criteria: {steady: true}, arrivals: {schedule: [{rate: 5, to: 500, for: 1m}]}}',
    ),
    'spec.criteria.steady',
    /one rate in the second half/,
    5,
  ],
  [
    loadTest(
      '{testnet: demo, criteria: {steady: true}, arrivals: {schedule: [{rate: 5, for: 4s}]}}',
    ),
    'spec.criteria.steady',
    /a schedule of at least 5s/,
    5,
  ],
  [loadTest('{testnet: demo, criteria: {lostMax: -1}}'), 'spec.criteria.lostMax', /at least 0/, 5],
  [
    loadTest('{testnet: demo, faults: [{action: delay, for: 3s}]}'),
    'spec.faults[0].latency',
    /a value/,
    5,
  ],
  [fault('{testnet: demo, action: loss, share: 5%}'), 'spec.for', /always undone/, 5],
  [fault('{testnet: demo, action: delay, latency: 2m, for: 3s}'), 'spec.latency', /up to "60s"/, 5],
  [fault('{testnet: demo, action: loss, share: 0%, for: 3s}'), 'spec.share', /above zero/, 5],
  [
    fault('{testnet: demo, action: pause, for: 3s, direction: Both}'),
    'spec.direction',
    /no direction with action pause/,
    5,
  ],
  [
    fault('{testnet: demo, action: loss, share: 5%, for: 3s, jitter: 2s}'),
    'spec.jitter',
    /no jitter with action loss/,
    5,
  ],
  [fault('{testnet: demo, action: kill, share: 5%}'), 'spec.share', /no share with action kill/, 5],
  ['kind: Testnet\nmetadata: {name: x}', 'apiVersion', /"shardnet.dev\/v1alpha1"/, 1],
  ['apiVersion: v1\nkind: Pod', 'kind', /one of Testnet, LoadTest/, 2],
  ['just text', '', /a document with apiVersion/, 1],
  ['a: [1', '', /YAML/, 1],
  ['a: 1\na: 2', '', /YAML/, 2],
  ['', '', /at least one document/, 1],
  [`${testnet('{}')}---${testnet('{}')}`, 'metadata.name', /each name once/, 9],
]

for (const [text, path, expected, line] of bad) {
  const title = text.trim().split('\n').at(-1) ?? ''
  test(`refused at ${path === '' ? 'the document' : path}: ${title.slice(0, 60)}`, () => {
    const problems = problemsOf(text)
    assert.deepEqual(
      problems.map((problem) => problem.path),
      [path],
    )
    assert.match(problems[0]?.expected ?? '', expected)
    assert.equal(problems[0]?.line, line)
  })
}

test('all problems of all documents of a file are told at once', () => {
  const text = `${testnet('{shards: 0, validatorsPerShard: 1, protocol: {viewTimeoutMs: 1000}}')}---${loadTest('{}')}`
  assert.deepEqual(
    problemsOf(text).map(({ document, path }) => `${document} ${path}`),
    [
      'Testnet demo spec.shards',
      'Testnet demo spec.validatorsPerShard',
      'Testnet demo spec.protocol.viewTimeoutMs',
      'LoadTest smoke spec.testnet',
    ],
  )
})

test('aliases that would unfold without end are refused, not unfolded', () => {
  const levels = Array.from(
    { length: 30 },
    (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`,
  )
  assert.match(problemsOf(['a0: &a0 [1]', ...levels].join('\n'))[0]?.got ?? '', /alias/i)
})

test('a run needs one testnet and at most one load test for it', () => {
  const refused = (text: string, expected: RegExp) => {
    assert.throws(() => parseRunDocuments(text, 'file.yaml'), {
      name: 'DocumentError',
      message: expected,
    })
  }
  refused(loadTest('{testnet: demo}'), /one Testnet, got none/)
  refused(`${testnet('{}')}---${testnet('{}').replace('demo', 'other')}`, /one Testnet, got 2/)
  refused(`${testnet('{}')}---${loadTest('{testnet: other}')}`, /spec.testnet: expected "demo"/)
  refused(
    `${testnet('{}')}---${fault('{testnet: other, action: kill}')}`,
    /spec.testnet: expected "demo"/,
  )
})

test('the Faults of a file join those of its load, and a file of Faults alone holds nothing else', () => {
  const load = loadTest('{testnet: demo, faults: [{action: kill}]}')
  const pause = fault('{testnet: demo, action: pause, for: 3s}')
  const { loadTest: run } = parseRunDocuments(`${testnet('{}')}---${load}---${pause}`, 'file.yaml')
  const actions = ({ spec }: typeof run) => spec.faults.map(({ action }) => action)
  assert.deepEqual(actions(run), ['kill', 'pause'])
  assert.deepEqual(actions(parseLoadTest(`${load}---${pause}`, 'file.yaml')), ['kill', 'pause'])
  assert.throws(
    () => parseLoadTest(`${load}---${pause.replace('demo', 'other')}`, 'file.yaml'),
    /spec.testnet: expected "demo"/,
  )
  assert.deepEqual(
    parseFaults(pause, 'file.yaml').map(({ testnet: name, plan }) => [name, plan.action]),
    [['demo', 'pause']],
  )
  assert.throws(() => parseFaults(`${pause}---${load}`, 'file.yaml'), /kind: expected "Fault"/)
})

test('the examples are valid, and without a file everything has its default', () => {
  for (const name of ['testnet.yaml', 'clouds.yaml']) {
    const text = readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8')
    assert.ok(parseDocuments(text, name).length > 0)
  }
  const { spec } = defaultTestnet()
  assert.deepEqual(
    [spec.shards, spec.validatorsPerShard, spec.genesis.accountsPerShard],
    [2, 4, 10_000],
  )
  const load = defaultLoadTest('local').spec
  assert.deepEqual(load.arrivals.schedule, [{ rate: 500, for: '30s' }])
  assert.equal(load.workload.crossShard, '30%')
  assert.deepEqual(load.criteria, { lostMax: 0 })
})

test('a document that was read is the same when it is read again', () => {
  for (const document of [defaultTestnet(), defaultLoadTest('local')]) {
    const again = checkDocument(JSON.parse(JSON.stringify(document)))
    assert.ok(!hasProblems(again))
    assert.deepEqual(again, document)
  }
})

test('every field of every kind says what it is', () => {
  for (const kind of ['Testnet', 'LoadTest', 'Fault', 'Cluster', 'Shard'] as const) {
    const undescribed = fieldsWithoutDescription(jsonSchemaOf(kind), kind)
    assert.deepEqual(undescribed.filter(isOurs), [])
  }
})

/** The load generator and the genesis own the words of their parts. */
function isOurs(path: string): boolean {
  return !/\.(workload|arrivals|criteria|protocol)\./.test(path)
}

function fieldsWithoutDescription(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const properties: unknown = Reflect.get(schema, 'properties') ?? {}
  const items: unknown = Reflect.get(schema, 'items')
  const own = Object.entries(properties ?? {}).flatMap(([name, field]: [string, unknown]) => {
    const isDescribed =
      typeof field === 'object' && field !== null && Reflect.has(field, 'description')
    return [
      ...(isDescribed ? [] : [`${path}.${name}`]),
      ...fieldsWithoutDescription(field, `${path}.${name}`),
    ]
  })
  return [...own, ...fieldsWithoutDescription(items, `${path}[]`)]
}
