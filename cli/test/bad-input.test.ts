import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Workplace } from './shardnet.ts'

/** Command line, and what each line of the answer must say. */
const refused: readonly (readonly [string, readonly RegExp[]])[] = [
  ['start --shards 0', [/--shards: expected a whole number from 1 to 1024, got 0/]],
  ['start --shards two', [/--shards: expected a whole number from 1 to 1024, got "two"/]],
  ['start --validators 3', [/--validators: expected a whole number from 4 to 512, got 3/]],
  ['start --rate 0', [/--rate: expected at least 1, got 0/]],
  ['start --rate -5', [/--rate: expected at least 1, got -5/]],
  ['start --duration 3', [/--duration: expected a duration/]],
  ['start --duration 0s', [/--duration: expected a duration above zero/]],
  ['start --cross-shard 101%', [/--cross-shard: expected a percentage/]],
  ['start --cross-shard 30', [/--cross-shard: expected a percentage/]],
  ['start --seed x', [/--seed: expected .*number, got "x"/]],
  ['start --name Big_Name', [/--name: expected a name/]],
  ['start --ports-from 80', [/--ports-from: expected a port from 1024/]],
  ['start missing.yaml', [/FILE: expected a readable file, got "missing.yaml"/]],
  ['start --fast --shrads 2', [/--fast: .*unknown flag/, /--shrads: .*unknown flag/]],
  [
    'start missing.yaml --shards 0 --rate x --duration 3 --seed -1',
    [/FILE/, /--shards/, /--seed/, /--rate/, /--duration/],
  ],
  ['start bad.yaml --shards 0', [/bad.yaml:4: Testnet x: spec.shrads/, /--shards/]],
  ['start --rate', [/argument missing/]],
  ['start --profile swaps', [/--profile: expected .*payments.*hot-account.*cells/]],
  ['start --profile cells --cross-shard 30%', [/--cross-shard: expected no crossShard with/]],
  ['start --profile mix --rate x', [/--rate: expected/]],
  ['start --trace nowhere.csv', [/spec.workload.file: expected a readable file/]],
  [
    'start --trace empty.csv',
    [/empty.csv:1: expected the header/, /empty.csv:2: expected at least/],
  ],
  [
    'start --trace bad.csv --shards 0',
    [/bad.csv:3: expected kind one of payments/, /bad.csv:4: expected timeMs/, /--shards/],
  ],
  ['start --trace good.csv --rate 5', [/spec.arrivals.schedule: expected no schedule/]],
  ['start small.yaml', [/spec.workload.blobBytesMax: expected at most 100/]],
  [
    'start --rate 900000 --duration 10m',
    [/spec.arrivals.schedule: expected a rate of at most/, /spec.workload.validityHeights/],
  ],
  [
    'load --target ftp://x 127.0.0.1:1 http://127.0.0.1:1/ --seed x',
    [/--seed: expected .*number, got "x"/],
  ],
  [
    'load --target ftp://x 127.0.0.1:1 http://127.0.0.1:1/',
    [/--target: expected an address .*got "ftp:\/\/x"/, /--target: expected each address once/],
  ],
  ['load --target 127.0.0.1:1 --name x', [/--name: expected no name together with --target/]],
  ['matrix --shares 10%,x,10%', [/--shares: expected each share once/, /--shares: .*got "x"/]],
  ['matrix --profile cells', [/--shares: expected no crossShard with profile cells/]],
  [
    'join East --capacity many --server http://1.2.3.4 --timeout 0 --cloud moon',
    [
      ...[/NAME: expected a name/, /--context: expected the context/, /--server: expected a URL/],
      ...[/--timeout: expected whole seconds/, /--cloud: expected one of/, /--capacity: expected/],
    ],
  ],
  ['join east --context a --hub-context a', [/--hub-context: expected another context/]],
  ['start a b', [/too many arguments/]],
  ['frobnicate', [/unknown command/]],
  ['status nowhere', [/There is no testnet named nowhere/]],
  ['down nowhere', [/There is no testnet named nowhere/]],
  ['load', [/There is no testnet named local/]],
  ['load missing.yaml', [/FILE: expected a readable file/]],
  ['report show nothing', [/DIR: expected a folder with a result.json/]],
  ['report rm', [/DIR: expected names of reports, or --all/]],
  ['report rm /', [/DIR: expected a folder with a result.json/]],
  ['fault pause', [/--for: expected a length of time: pause is always undone/]],
  [
    'fault delay --for 1x --shard 0,a --role boss',
    [/--for: expected a length/, /--shard: expected a/, /--role: expected one of proposer/],
  ],
  ['fault delay', [/--latency: expected a value/, /--for: expected a length of time/]],
  ['fault kill --shard 0', [/There is no testnet named local/]],
  ['fault kill --latency 3s', [/--latency: .*unknown flag/]],
  ['fault apply missing.yaml', [/FILE: expected a readable file/]],
  ['fault apply bad.yaml', [/bad.yaml:4: Testnet x: spec.shrads/]],
  ['completion tcsh', [/value 'tcsh' is invalid/]],
]

const files: Readonly<Record<string, string>> = {
  'empty.csv': '',
  'good.csv': 'timeMs,kind\n0,payments\n',
  'bad.csv': 'timeMs,kind\n5,payments\n6,swap\nsoon,blob\n',
  'small.yaml': [
    'apiVersion: shardnet.dev/v1alpha1',
    'kind: Testnet',
    'metadata: {name: x}',
    'spec: {protocol: {payloadBytesMax: 100}}',
    '---',
    'apiVersion: shardnet.dev/v1alpha1',
    'kind: LoadTest',
    'metadata: {name: y}',
    'spec: {testnet: x, workload: {profile: blob}}',
    '',
  ].join('\n'),
}

describe('exit 2, every problem told and no stack trace', { concurrency: 2 }, () => {
  const file =
    'apiVersion: shardnet.dev/v1alpha1\nkind: Testnet\nmetadata: {name: x}\nspec: {shrads: 2}\n'
  for (const [line, expected] of refused) {
    test(line, async (context) => {
      const place = await Workplace.create(context)
      writeFileSync(join(place.home, 'bad.yaml'), file)
      for (const [name, text] of Object.entries(files)) writeFileSync(join(place.home, name), text)
      const { code, output, errors } = await place.run(line.split(' '))
      assert.equal(code, 2, errors)
      for (const pattern of expected) assert.match(errors, pattern)
      assert.doesNotMatch(errors, /\n\s+at /)
      assert.equal(output, '')
    })
  }
})

test('config print says what would run, and can be run again', async (context) => {
  const place = await Workplace.create(context)
  const first = await place.run([
    'config',
    'print',
    '--shards',
    '3',
    '--rate',
    '70',
    '--duration',
    '9s',
  ])
  assert.equal(first.code, 0, first.errors)
  writeFileSync(join(place.home, 'printed.yaml'), first.output)
  const second = await place.run(['config', 'print', 'printed.yaml'])
  assert.equal(second.output, first.output)
  assert.match(first.output, /shards: 3/)
  assert.match(first.output, /rate: 70\n\s+for: 9s/)
})

test('help lists every option of start', async (context) => {
  const place = await Workplace.create(context)
  const { code, output } = await place.run(['start', '--help'])
  assert.equal(code, 0)
  const flags = ['out', 'duration', 'shards', 'validators', 'rate', 'cross-shard', 'seed', 'json']
  for (const flag of flags) assert.match(output, new RegExp(`--${flag} `))
})

test('completion scripts know every command', async (context) => {
  const place = await Workplace.create(context)
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, output } = await place.run(['completion', shell])
    assert.equal(code, 0)
    for (const word of ['start', 'up', 'down', 'report']) assert.match(output, new RegExp(word))
  }
})
