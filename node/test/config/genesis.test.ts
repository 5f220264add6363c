import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  committeeOf,
  contextOf,
  createGenesis,
  formatGenesis,
  networkIdOf,
  parseGenesis,
  supplyOf,
} from '../../src/config/genesis.ts'
import type { Genesis } from '../../src/config/genesis-document.ts'
import { ConfigError, type Problem } from '../../src/config/problems.ts'
import { Secret } from '../../src/config/secret.ts'
import { bytesOfHex, joinBytes } from '../../src/core/primitives/bytes.ts'
import { domainHash, ZERO_HASH } from '../../src/core/primitives/hash.ts'
import { contextHashOf } from '../../src/core/wire/certificate.ts'
import { committeeHashOf } from '../../src/core/wire/committee.ts'
import { foundTestnet } from './found-testnet.ts'

const { genesis, keys } = foundTestnet()

/** The problems of a document, each as one line. */
function problemsOf(document: unknown): string[] {
  return rawProblemsOf(document).map(
    ({ path, expected, got }) => `${path}: expected ${expected}, got ${got}`,
  )
}

function rawProblemsOf(document: unknown): readonly Problem[] {
  try {
    parseGenesis(JSON.stringify(document))
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.problems
  }
  return []
}

test('a founded testnet reads back as it was written, and the same secret founds the same one', () => {
  assert.deepEqual(parseGenesis(formatGenesis(genesis)), genesis)
  assert.deepEqual(foundTestnet().genesis, genesis)
  assert.equal(supplyOf(genesis), 20_000_000)
  assert.deepEqual(
    committeeOf(genesis, 1).members,
    keys[1]?.map(({ blsKey, peerKey }) => ({ blsKey, peerKey })),
  )
})

test('a text that was in order is not checked again, and another one is', () => {
  const text = formatGenesis(genesis)
  assert.equal(parseGenesis(text), parseGenesis(text))
  const other = withMember(0, 0, { proofOfPossession: '00'.repeat(96) })
  assert.throws(() => parseGenesis(formatGenesis(other)), ConfigError)
  assert.deepEqual(parseGenesis(text), genesis)
})

test('without an instance every founding is another network with the same keys', () => {
  const rootSecret = new Secret(new Uint8Array(32))
  const accounts = { perShard: 10, balance: '1', tableHash: ZERO_HASH }
  const options = { seed: 'demo', shards: 1, validatorsPerShard: 4, accounts, rootSecret }
  const one = createGenesis(options).genesis
  const two = createGenesis(options).genesis
  assert.notEqual(networkIdOf(one), networkIdOf(two))
  assert.deepEqual(committeeOf(one, 0), committeeOf(two, 0))
  assert.notEqual(contextOf(one, 0), contextOf(two, 0))
})

test('the network id is the hash of these bytes, proofs left out', () => {
  const u = (value: number, length: number) =>
    bytesOfHex(value.toString(16).padStart(2 * length, '0'))
  const { protocol } = genesis
  const members = genesis.committees.map((committee) =>
    joinBytes([
      u(committee.shard, 2),
      u(4, 2),
      ...committee.members.flatMap((member) => [
        bytesOfHex(member.blsKey),
        bytesOfHex(member.peerKey),
      ]),
    ]),
  )
  const expected = domainHash(
    'shardnet/genesis/v1',
    u(1, 4),
    bytesOfHex('00112233445566778899aabbccddeeff'),
    u(4, 4),
    new TextEncoder().encode('demo'),
    u(2, 2),
    u(4, 2),
    ...[2_000, 1_000, 50, 524_288, 50, 65_536, 16_384, 100].map((value) => u(value, 4)),
    u(10, 4),
    u(1_000_000, 8),
    new Uint8Array(32),
    u(2, 2),
    ...members,
  )
  assert.equal(protocol.viewTimeoutMs, 2_000)
  assert.equal(networkIdOf(genesis), expected)
  const committeeHash = committeeHashOf(committeeOf(genesis, 1))
  assert.equal(contextOf(genesis, 1), contextHashOf(expected, 1, 0, committeeHash))
})

test('every field but the proofs changes the network id', () => {
  const seen = new Map([[networkIdOf(genesis), 'unchanged']])
  const variants: [string, Genesis][] = [
    ['instance', { ...genesis, instance: 'f'.repeat(32) }],
    ['seed', { ...genesis, seed: 'demo2' }],
    ['shards', { ...genesis, shards: 3 }],
    ['validatorsPerShard', { ...genesis, validatorsPerShard: 5 }],
    ['perShard', { ...genesis, accounts: { ...genesis.accounts, perShard: 11 } }],
    ['balance', { ...genesis, accounts: { ...genesis.accounts, balance: '1000001' } }],
    ['tableHash', { ...genesis, accounts: { ...genesis.accounts, tableHash: 'f'.repeat(64) } }],
    ['committees', { ...genesis, committees: genesis.committees.toReversed() }],
  ]
  for (const [name, value] of Object.entries(genesis.protocol)) {
    variants.push([name, { ...genesis, protocol: { ...genesis.protocol, [name]: value + 1 } }])
  }
  for (const [name, variant] of variants) {
    const id = networkIdOf(variant)
    assert.equal(seen.get(id), undefined, `${name} changes nothing`)
    seen.set(id, name)
  }
  const unproven = withMember(0, 0, { proofOfPossession: '00'.repeat(96) })
  assert.equal(networkIdOf(unproven), networkIdOf(genesis))
})

type Member = Genesis['committees'][number]['members'][number]

/** The genesis with fields of one seat replaced. */
function withMember(shard: number, seat: number, changes: Partial<Member>): Genesis {
  const committees = genesis.committees.map((committee) => ({
    ...committee,
    members: committee.members.map((member, index) =>
      committee.shard === shard && index === seat ? { ...member, ...changes } : member,
    ),
  }))
  return { ...genesis, committees }
}

function memberOf(shard: number, seat: number): Member {
  const member = genesis.committees[shard]?.members[seat]
  assert.ok(member !== undefined)
  return member
}

test('all problems of a file are told at once, each with its path', () => {
  const { seed: _, ...rest } = genesis
  const found = problemsOf({
    ...rest,
    format: 2,
    instance: 'XYZ',
    shards: 3,
    colour: 'blue',
    protocol: { viewTimeoutMs: 900, batchAgeMs: 0, payloadBytesMax: 65_536, batchBytesMax: 20_000 },
    accounts: { ...genesis.accounts, balance: '999999999999999' },
    committees: genesis.committees.map(({ shard, members }) => ({
      shard,
      members: members.slice(0, 3),
    })),
  })
  assert.deepEqual(found, [
    'format: expected 1, got 2',
    'instance: expected 32 lower-case hexadecimal characters, got "XYZ"',
    'seed: expected a string, got nothing',
    'protocol.batchAgeMs: expected at least 1, got 0',
    'colour: expected no such field, got "blue"',
    'protocol.viewTimeoutMs: expected more than 1600 (idleBlockIntervalMs + 6 x networkDelayMs), got 900',
    'protocol.batchBytesMax: expected at least 66304 (the largest transaction at payloadBytesMax 65536), got 20000',
    'accounts.balance: expected at most 300239975158033, so that all 3 x 10 accounts together hold at most 2^53 - 1, got "999999999999999"',
    'committees: expected one per shard, 3, got 2',
    'committees[0].members: expected validatorsPerShard (4) members, got 3',
    'committees[1].members: expected validatorsPerShard (4) members, got 3',
  ])
})

test('text that is no JSON is told with its place and without its content', () => {
  assert.throws(
    () => parseGenesis('{\n  "format": 1,\n  secret\n}', 'genesis.json'),
    (error) =>
      error instanceof ConfigError &&
      /^genesis\.json: expected JSON, got .* line 3, column \d+$/.test(error.message),
  )
})

test('a supply of 2^53 - 1 is the most', () => {
  const most = { perShard: 1, balance: String(2 ** 53 - 1), tableHash: genesis.accounts.tableHash }
  const single = { ...genesis, shards: 1, committees: genesis.committees.slice(0, 1) }
  // Only the proofs, which sign another network, are wrong.
  assert.ok(
    problemsOf({ ...single, accounts: most }).every((line) => line.includes('proofOfPossession')),
  )
  assert.match(
    problemsOf({ ...single, accounts: { ...most, balance: String(2 ** 53) } })[0] ?? '',
    /accounts\.balance/,
  )
  assert.match(
    problemsOf({ ...single, accounts: { ...most, perShard: 2 } })[0] ?? '',
    /accounts\.balance/,
  )
})

test('a seat whose proof of possession does not hold refuses the file', () => {
  const other = memberOf(0, 1)
  const own = memberOf(0, 0)
  const elsewhere = foundTestnet({ instance: 'c'.repeat(32) }).genesis.committees[0]?.members[0]
  const cases: [string, Partial<Member>][] = [
    ['absent', { proofOfPossession: 'c0'.padEnd(192, '0') }],
    ["another seat's", { proofOfPossession: other.proofOfPossession }],
    ['of another network', { proofOfPossession: elsewhere?.proofOfPossession ?? '' }],
    ['for another peer key', { peerKey: 'ab'.repeat(32) }],
    [
      'a flipped bit',
      {
        proofOfPossession: `${own.proofOfPossession.slice(0, -1)}${own.proofOfPossession.endsWith('0') ? '1' : '0'}`,
      },
    ],
  ]
  for (const [name, changes] of cases) {
    const paths = rawProblemsOf(withMember(0, 0, changes)).map(({ path }) => path)
    assert.ok(
      paths.includes('committees[0].members[0].proofOfPossession'),
      `${name}: ${paths.join()}`,
    )
  }
})

test('an honest key with its proof cannot be registered a second time, in any shard', () => {
  const honest = memberOf(0, 2)
  const found = problemsOf(withMember(1, 3, honest))
  assert.deepEqual(found, [
    `committees[1].members[3].blsKey: expected a key of its own, got the key of committees[0].members[2].blsKey`,
    `committees[1].members[3].peerKey: expected a key of its own, got the key of committees[0].members[2].peerKey`,
  ])
})

test('what the founder decides is checked before any key is made', () => {
  assert.throws(
    () =>
      foundTestnet({
        shards: 1_025,
        validatorsPerShard: 3,
        seed: '',
        protocol: { viewTimeoutMs: 1_600 },
      }),
    (error) => {
      assert.ok(error instanceof ConfigError)
      assert.deepEqual(
        error.problems.map(({ path }) => path),
        ['seed', 'shards', 'validatorsPerShard', 'protocol.viewTimeoutMs'],
      )
      return true
    },
  )
})
