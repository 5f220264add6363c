import { z } from 'zod'
import { bytesOfHex } from '../core/primitives/bytes.ts'
import type { Hash } from '../core/primitives/hash.ts'
import { GenesisCommittee, GenesisDocument, type Genesis } from './genesis-document.ts'
import { areAllPossessionsProven, isPossessionProven } from './possession.ts'
import { textOf, type Problem } from './problems.ts'
import { contradictionsOf } from './protocol-parameters.ts'

const Committees = z.array(GenesisCommittee)
type Committees = z.infer<typeof Committees>

/**
 * What the fields of a genesis say against each other. Each rule runs as soon as the fields that it reads have their
 * shape, so that one wrong field does not hide the others.
 */
export function genesisProblems(document: unknown): Problem[] {
  if (typeof document !== 'object' || document === null) return []
  const fields = document as Readonly<Record<string, unknown>>
  const shape = GenesisDocument.unwrap().shape
  const committees = Committees.safeParse(fields['committees'])
  const shards = shape.shards.safeParse(fields['shards'])
  const accounts = shape.accounts.safeParse(fields['accounts'])
  const seats = shape.validatorsPerShard.safeParse(fields['validatorsPerShard'])
  const problems = contradictionsOf(fields['protocol'], 'protocol')
  if (shards.success && accounts.success) {
    problems.push(...supplyProblems(shards.data, accounts.data.perShard, accounts.data.balance))
  }
  if (committees.success) {
    problems.push(...repeatedKeys(committees.data))
    if (shards.success) problems.push(...shardProblems(committees.data, shards.data))
    if (seats.success) problems.push(...seatProblems(committees.data, seats.data))
  }
  return problems
}

function supplyProblems(shards: number, perShard: number, balance: string): Problem[] {
  const supply = BigInt(shards) * BigInt(perShard) * BigInt(balance)
  if (supply <= BigInt(Number.MAX_SAFE_INTEGER)) return []
  const most = BigInt(Number.MAX_SAFE_INTEGER) / (BigInt(shards) * BigInt(perShard))
  return [
    {
      path: 'accounts.balance',
      expected: `at most ${most}, so that all ${shards} x ${perShard} accounts together hold at most 2^53 - 1`,
      got: textOf(balance),
    },
  ]
}

function shardProblems(committees: Committees, shards: number): Problem[] {
  const problems: Problem[] = []
  if (committees.length !== shards) {
    problems.push({
      path: 'committees',
      expected: `one per shard, ${shards}`,
      got: String(committees.length),
    })
  }
  for (const [index, { shard }] of committees.entries()) {
    if (shard === index) continue
    problems.push({
      path: `committees[${index}].shard`,
      expected: `${index}, in order`,
      got: String(shard),
    })
  }
  return problems
}

function seatProblems(committees: Committees, validatorsPerShard: number): Problem[] {
  return committees.flatMap(({ members }, index) => {
    if (members.length === validatorsPerShard) return []
    const expected = `validatorsPerShard (${validatorsPerShard}) members`
    return [{ path: `committees[${index}].members`, expected, got: String(members.length) }]
  })
}

/** One key in two seats would count twice in a quorum, so keys are unique over the whole network. */
function repeatedKeys(committees: Committees): Problem[] {
  const problems: Problem[] = []
  const seen = new Map<string, string>()
  for (const [index, { members }] of committees.entries()) {
    for (const [seat, member] of members.entries()) {
      for (const field of ['blsKey', 'peerKey'] as const) {
        const path = `committees[${index}].members[${seat}].${field}`
        const first = seen.get(`${field} ${member[field]}`)
        if (first === undefined) seen.set(`${field} ${member[field]}`, path)
        else problems.push({ path, expected: 'a key of its own', got: `the key of ${first}` })
      }
    }
  }
  return problems
}

/** Seats whose proof of possession does not hold. The genesis must have no other problem. */
export function possessionProblems(genesis: Genesis, networkId: Hash): Problem[] {
  const seats = genesis.committees.flatMap(({ members }, index) =>
    members.map((member, seat) => ({
      member,
      proof: bytesOfHex(member.proofOfPossession),
      path: `committees[${index}].members[${seat}].proofOfPossession`,
    })),
  )
  if (areAllPossessionsProven(networkId, seats)) return []
  return seats
    .filter(({ member, proof }) => !isPossessionProven(networkId, member, proof))
    .map(({ path, proof }) => ({
      path,
      expected: 'a signature by blsKey over this network, blsKey and peerKey',
      got: `${textOf(Buffer.from(proof.subarray(0, 8)).toString('hex'))}… that is none`,
    }))
}
