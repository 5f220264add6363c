import blst from '@chainsafe/blst'
import {
  ConfigError,
  createGenesis,
  type Genesis,
  formatGenesis,
  parseGenesis,
  Secret,
} from '@shardnet/node/config'
import { bytesOfHex, createCrypto, domainHash, hexOf, type Hash } from '@shardnet/node/parts'
import type { Random } from '../world/random.ts'

/** The bit of a compressed point that says which of its two roots is meant: the other one is the negative point. */
const SIGN_BIT = 0x20

/**
 * I3, before a network begins: a member whose BLS key is the difference between a key of its own and the others' keys signs for all of them
 * (Ristenpart and Yilek, "The Power of Proofs-of-Possession", 2007). The attack is made with real keys, and has to work; a genesis with
 * such a member has to be refused, whatever proof it brings. Null when it is.
 */
export function rogueKeyAccepted(random: Random): string | null {
  const { genesis, keys } = createGenesis({
    seed: 'rogue',
    instance: hexOf(random.bytes(16)),
    shards: 1,
    validatorsPerShard: 4,
    accounts: { perShard: 1, balance: '1', tableHash: hexOf(random.bytes(32)) as Hash },
    rootSecret: new Secret(random.bytes(32)),
  })
  const [members] = keys
  const attacker = members?.[3]
  if (members === undefined || attacker === undefined) return 'no committee'
  const others = members.slice(0, 3)
  const blsKey = hexOf(
    differenceOf(
      attacker.blsKey,
      others.map((member) => member.blsKey),
    ),
  )
  const crypto = createCrypto(attacker)
  const message = bytesOfHex(domainHash('shardnet/rogue/v1', random.bytes(32)))
  const all = [...others.map((member) => member.blsKey), blsKey]
  if (!crypto.verifyAggregate(all, message, crypto.signVote(message)))
    return 'the attack itself does not work'
  if (refusalOf(genesis) !== null) return 'a genesis without a rogue key is refused'
  for (const { proofOfPossession } of genesis.committees[0]?.members ?? []) {
    const committees = genesis.committees.map((committee) => ({
      ...committee,
      members: committee.members.map((seat, index) =>
        index === 3 ? { ...seat, blsKey, proofOfPossession } : seat,
      ),
    }))
    const refusal = refusalOf({ ...genesis, committees })
    if (refusal === null) return 'a genesis with a rogue key is accepted'
    if (!refusal.includes('members[3].proofOfPossession')) return `refused for else: ${refusal}`
  }
  return null
}

function refusalOf(genesis: Genesis): string | null {
  try {
    parseGenesis(formatGenesis(genesis))
    return null
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}

function differenceOf(key: string, others: readonly string[]): Uint8Array {
  const negatives = others.map((other) => {
    const bytes = bytesOfHex(other)
    bytes[0] = (bytes[0] ?? 0) ^ SIGN_BIT
    return blst.PublicKey.fromBytes(bytes, true)
  })
  const own = blst.PublicKey.fromBytes(bytesOfHex(key), true)
  return blst.aggregatePublicKeys([own, ...negatives]).toBytes()
}
