import type { CryptoPort } from '@shardnet/node/parts'

/**
 * Signatures that cost nothing, with the algebra of BLS: a vote's signature is (secret x hash of the bytes) modulo a prime, in four lanes,
 * so sums of signatures verify under sums of keys, a signer counted twice does not verify as one, and a rogue key (one that is the
 * difference to others' keys) forges exactly as it does in the real group. The public key is the secret: whoever plays a validator is
 * trusted to sign with its own key only, which is what an adversary here is given.
 */
const PRIME = 67_108_859
const LANES = 4
const VOTE_SIGNATURE_BYTES = 96
const PEER_SIGNATURE_BYTES = 64
const BLS_KEY_DIGITS = 96
const PEER_KEY_DIGITS = 64

type Lanes = readonly [number, number, number, number]

/** Lanes of keys by their text; pure, so it may be shared by all worlds of a process. */
const lanesOfKey = new Map<string, Lanes>()
const KEYS_CACHED_MAX = 20_000

/** The seat's keys, as a committee lists them. */
export interface StandInKeys {
  readonly blsKey: string
  readonly peerKey: string
}

/** Keys from chance. */
export function standInKeysOf(next: () => number): StandInKeys {
  const lanes = Array.from({ length: LANES }, () => 1 + (next() % (PRIME - 1)))
  const bls = lanes.map((lane) => lane.toString(16).padStart(8, '0')).join('')
  const peer = Array.from({ length: LANES }, () => next().toString(16).padStart(8, '0')).join('')
  return { blsKey: bls.padEnd(BLS_KEY_DIGITS, '0'), peerKey: peer.padEnd(PEER_KEY_DIGITS, '0') }
}

/** The port of one seat. */
export function createStandInCrypto(keys: StandInKeys): CryptoPort {
  return portOf(keys, VOTE_SIGNATURE_BYTES)
}

/** The same with votes' signatures that no format would take: for worlds that encode nothing, where arrays of their size are half of the price. */
export function createBareStandInCrypto(keys: StandInKeys): CryptoPort {
  return portOf(keys, 4 * LANES)
}

function portOf(keys: StandInKeys, voteSignatureBytes: number): CryptoPort {
  const own = lanesOf(keys.blsKey)
  return {
    signVote: (preimage) => encodeWords(times(own, hashToLanes(preimage)), voteSignatureBytes),
    verifyAggregate: (blsKeys, preimage, signature) =>
      signature.length === voteSignatureBytes && verifyAggregate(blsKeys, preimage, signature),
    aggregate: (signatures) =>
      signatures.every(({ length }) => length === voteSignatureBytes)
        ? aggregate(signatures, voteSignatureBytes)
        : null,
    signPeer: (message) => signWith(keys.peerKey, message),
    verifyPeer: isSignedWith,
  }
}

function verifyAggregate(
  blsKeys: readonly string[],
  preimage: Uint8Array,
  signature: Uint8Array,
): boolean {
  const given = decodeLanes(signature)
  if (given === null || blsKeys.length === 0) return false
  let [a, b, c, d]: [number, number, number, number] = [0, 0, 0, 0]
  for (const key of blsKeys) {
    const lanes = lanesOf(key)
    a += lanes[0]
    b += lanes[1]
    c += lanes[2]
    d += lanes[3]
  }
  const sum: Lanes = [a % PRIME, b % PRIME, c % PRIME, d % PRIME]
  const [e, f, g, h] = times(sum, hashToLanes(preimage))
  return e === given[0] && f === given[1] && g === given[2] && h === given[3]
}

function aggregate(signatures: readonly Uint8Array[], length: number): Uint8Array | null {
  let [a, b, c, d]: [number, number, number, number] = [0, 0, 0, 0]
  for (const signature of signatures) {
    const lanes = decodeLanes(signature)
    if (lanes === null) return null
    a += lanes[0]
    b += lanes[1]
    c += lanes[2]
    d += lanes[3]
  }
  return signatures.length === 0
    ? null
    : encodeWords([a % PRIME, b % PRIME, c % PRIME, d % PRIME], length)
}

/** A keyed hash of the message, where ed25519 stands in production; also under transactions. */
export function signWith(key: string, message: Uint8Array): Uint8Array {
  return encodeWords(keyedHash(key, message), PEER_SIGNATURE_BYTES)
}

function isSignedWith(key: string, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== PEER_SIGNATURE_BYTES) return false
  const [a, b, c, d] = keyedHash(key, message)
  if (wordAt(signature, 0) !== a || wordAt(signature, 4) !== b) return false
  if (wordAt(signature, 8) !== c || wordAt(signature, 12) !== d) return false
  return isZeroFrom(signature, 4 * LANES)
}

function isZeroFrom(bytes: Uint8Array, first: number): boolean {
  for (let at = first; at < bytes.length; at++) if (bytes[at] !== 0) return false
  return true
}

function wordAt(bytes: Uint8Array, at: number): number {
  const [a, b] = [bytes[at] ?? 0, bytes[at + 1] ?? 0]
  return ((a << 24) | (b << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
}

function keyedHash(key: string, message: Uint8Array): Lanes {
  const [a, b, c, d] = hashWords(message)
  const lanes = lanesOf(key)
  return [
    (Math.imul(a ^ lanes[0], 0x85eb_ca6b) ^ (b >>> 7)) >>> 0,
    (Math.imul(b ^ lanes[1], 0xc2b2_ae35) ^ (c >>> 9)) >>> 0,
    (Math.imul(c ^ lanes[2], 0x27d4_eb2f) ^ (d >>> 11)) >>> 0,
    (Math.imul(d ^ lanes[3], 0x1656_67b1) ^ (a >>> 13)) >>> 0,
  ]
}

/** The first four words of a key's text. */
function lanesOf(key: string): Lanes {
  const known = lanesOfKey.get(key)
  if (known !== undefined) return known
  const word = (index: number) => Number.parseInt(key.slice(8 * index, 8 * index + 8), 16) >>> 0
  const lanes: Lanes = [word(0), word(1), word(2), word(3)]
  if (lanesOfKey.size >= KEYS_CACHED_MAX) lanesOfKey.clear()
  lanesOfKey.set(key, lanes)
  return lanes
}

function times(a: Lanes, b: Lanes): Lanes {
  return [
    (a[0] * b[0]) % PRIME,
    (a[1] * b[1]) % PRIME,
    (a[2] * b[2]) % PRIME,
    (a[3] * b[3]) % PRIME,
  ]
}

function hashToLanes(bytes: Uint8Array): Lanes {
  const [a, b, c, d] = hashWords(bytes)
  return [
    1 + (a % (PRIME - 1)),
    1 + (b % (PRIME - 1)),
    1 + (c % (PRIME - 1)),
    1 + (d % (PRIME - 1)),
  ]
}

/** MurmurHash3 in the manner of its 128-bit form for 32-bit machines: fast, well spread, not meant against attackers. */
function hashWords(bytes: Uint8Array): Lanes {
  let [a, b, c, d] = [0x2f0b_4c47, 0x1337_5eed, 0x5bd1_e995, bytes.length]
  let word = 0
  for (let at = 0; at < bytes.length; at += 4) {
    word =
      ((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)
    a = Math.imul(a ^ word, 0x239b_961b)
    a = (a << 15) | (a >>> 17)
    b = (Math.imul(b ^ a, 0xab0e_9789) + c) | 0
    c = Math.imul((c << 17) | (c >>> 15), 0x38b3_4ae5) ^ b
    d = (Math.imul(d, 5) + word + (c >>> 3)) | 0
  }
  a = finished(a ^ d)
  b = finished(b ^ a)
  c = finished(c ^ b)
  return [a, b, c, finished(d ^ c)]
}

function finished(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

function encodeWords(words: Lanes, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let index = 0; index < LANES; index++) {
    const word = words[index] ?? 0
    bytes[4 * index] = word >>> 24
    bytes[4 * index + 1] = word >>> 16
    bytes[4 * index + 2] = word >>> 8
    bytes[4 * index + 3] = word
  }
  return bytes
}

/** Null for bytes that encode no element of the group: another length, a lane beyond the prime, anything behind the lanes, or zero. */
function decodeLanes(bytes: Uint8Array): Lanes | null {
  if (!isZeroFrom(bytes, 4 * LANES)) return null
  const [a, b, c, d] = [wordAt(bytes, 0), wordAt(bytes, 4), wordAt(bytes, 8), wordAt(bytes, 12)]
  if (a >= PRIME || b >= PRIME || c >= PRIME || d >= PRIME) return null
  return a + b + c + d === 0 ? null : [a, b, c, d]
}
