import blst, { type PublicKey, type SignatureSet } from '@chainsafe/blst'
import { must } from '../core/errors.ts'
import { hexOf } from '../core/primitives/bytes.ts'
import type { Hash } from '../core/primitives/hash.ts'
import {
  signersOf,
  votePreimage,
  type Certificate,
  type VoteKind,
} from '../core/wire/certificate.ts'
import type { Vote } from '../core/wire/peer-message.ts'
import type { FindingLog } from './finding-log.ts'
import type { ShardRules } from './network.ts'

/** A signature, single or aggregate, on one message; each distinct one is checked once. */
interface Ballot {
  readonly role: 'certificate' | 'vote'
  /** Whose log showed it first; absent when another shard's did. */
  readonly validator: number | undefined
  readonly signers: readonly number[]
  readonly signature: Uint8Array
}

/** All that was signed on one (kind, view, value). */
interface Message {
  readonly kind: VoteKind
  readonly view: number
  readonly value: Hash
  readonly ballots: Map<string, Ballot>
  isCertified: boolean
}

/** Messages whose signatures are checked by one multi-pairing. */
const MESSAGES_PER_CHECK = 64

/** Every certificate and own vote of one shard's committee that any folder shows. Nothing counts before `settle`. */
export class BallotBook {
  readonly #rules: ShardRules
  readonly #findings: FindingLog
  readonly #messages = new Map<string, Message>()
  readonly #keyOfSigners = new Map<string, PublicKey>()
  readonly #values = new Map<string, Set<Hash>>()

  constructor(rules: ShardRules, findings: FindingLog) {
    this.#rules = rules
    this.#findings = findings
  }

  /** Takes a certificate; false when its form or its number of signers rules it out already. */
  addCertificate(certificate: Certificate, validator: number | undefined): boolean {
    const { signers: bitmap, signature } = certificate
    const signers = signersOf(bitmap)
    const message = this.#messageOf(certificate)
    const key = `c${hexOf(bitmap)}${hexOf(signature)}`
    if (message.ballots.has(key)) return true
    const problem = this.#signersProblem(bitmap, signers)
    if (problem !== null) {
      this.#report(problem.code, validator, `${describe(message)}: ${problem.message}`)
      return false
    }
    message.ballots.set(key, { role: 'certificate', validator, signers, signature })
    this.#findings.checked.certificates += 1
    return true
  }

  /** Takes a vote from the log of its own author. */
  addVote(vote: Vote, validator: number): void {
    const message = this.#messageOf(vote)
    const ballot: Ballot = {
      role: 'vote',
      validator,
      signers: [validator],
      signature: vote.signature,
    }
    message.ballots.set(`v${validator}${hexOf(vote.signature)}`, ballot)
    this.#findings.checked.votes += 1
  }

  /** Checks all signatures; reports the forged ones and the pairs of certificates that exclude each other. */
  async settle(): Promise<void> {
    const messages = [...this.#messages.values()].filter((message) => message.ballots.size > 0)
    // The next combinations are made on other threads while this one pairs.
    let combining = this.#combine(messages.slice(0, MESSAGES_PER_CHECK))
    for (let at = 0; at < messages.length; at += MESSAGES_PER_CHECK) {
      const next = at + MESSAGES_PER_CHECK
      const sets = await combining
      combining = this.#combine(messages.slice(next, next + MESSAGES_PER_CHECK))
      if (!holdTogether(sets)) await this.#settleSingly(messages.slice(at, next))
    }
    for (const message of messages) this.#settleMessage(message)
    this.#checkExclusion()
  }

  /** True when a verified certificate of one of the kinds names the value in the view. */
  isCertified(kinds: readonly VoteKind[], view: number, value: Hash): boolean {
    return kinds.some(
      (kind) => this.#messages.get(messageKey(kind, view, value))?.isCertified === true,
    )
  }

  /** Values with a verified certificate of a kind in a view. */
  certifiedIn(kind: VoteKind, view: number): readonly Hash[] {
    return [...(this.#values.get(`${kind} ${view}`) ?? [])]
  }

  /** Every verified (view, value) of a kind, ascending by view. */
  certified(
    kind: VoteKind,
  ): { readonly view: number; readonly value: Hash; readonly signers: readonly number[] }[] {
    return [...this.#messages.values()]
      .filter((message) => message.kind === kind && message.isCertified)
      .map((message) => ({
        view: message.view,
        value: message.value,
        signers: certificateSigners(message),
      }))
      .toSorted((a, b) => a.view - b.view || (a.value < b.value ? -1 : 1))
  }

  #messageOf(named: {
    readonly kind: VoteKind
    readonly view: number
    readonly value: Hash
  }): Message {
    const { kind, view, value } = named
    const key = messageKey(kind, view, value)
    const known = this.#messages.get(key)
    if (known !== undefined) return known
    const message: Message = { kind, view, value, ballots: new Map(), isCertified: false }
    this.#messages.set(key, message)
    return message
  }

  #signersProblem(
    bitmap: Uint8Array,
    signers: readonly number[],
  ): { code: 'certificateMalformed' | 'certificateBelowQuorum'; message: string } | null {
    const { size, quorum } = this.#rules
    if (bitmap.length !== Math.ceil(size / 8) || signers.some((signer) => signer >= size)) {
      return {
        code: 'certificateMalformed',
        message: `signer bitmap ${hexOf(bitmap)} for ${size} validators`,
      }
    }
    if (signers.length < quorum) {
      return {
        code: 'certificateBelowQuorum',
        message: `${signers.length} signers, a quorum is ${quorum}`,
      }
    }
    return null
  }

  /** Only when many messages do not hold together is every ballot looked at alone. */
  async #settleSingly(messages: readonly Message[]): Promise<void> {
    for (const message of messages) {
      if (holdTogether(await this.#combine([message]))) continue
      for (const [key, ballot] of message.ballots) {
        if (this.#holds(message, ballot)) continue
        message.ballots.delete(key)
        const code = ballot.role === 'vote' ? 'voteForged' : 'certificateForged'
        const signers = ballot.signers.join(', ')
        this.#report(code, ballot.validator, `${describe(message)}: the signature of ${signers}`)
      }
    }
  }

  /** One random combination of each message's ballots; null when some signature is no point of the group. */
  async #combine(messages: readonly Message[]): Promise<SignatureSet[] | null> {
    try {
      return await Promise.all(
        messages.map(async (message) => {
          const ballots = Array.from(message.ballots.values(), ({ signers, signature }) => {
            return { pk: this.#keyOf(signers), sig: signature }
          })
          const sum = await blst.asyncAggregateWithRandomness(ballots)
          return { msg: this.#preimageOf(message), ...sum }
        }),
      )
    } catch {
      // The single checks say whose signature it is.
      return null
    }
  }

  #holds(message: Message, ballot: Ballot): boolean {
    try {
      const signature = blst.Signature.fromBytes(ballot.signature, true, true)
      const keys = ballot.signers.map((signer) =>
        must(this.#rules.blsKeys[signer], 'a signer has a key'),
      )
      const preimage = this.#preimageOf(message)
      const [single] = keys
      if (keys.length === 1 && single !== undefined) return blst.verify(preimage, single, signature)
      return blst.fastAggregateVerify(preimage, keys, signature)
    } catch {
      // Bytes that are no point of the group: not a signature.
      return false
    }
  }

  #keyOf(signers: readonly number[]): PublicKey {
    const key = signers.join(' ')
    const known = this.#keyOfSigners.get(key)
    if (known !== undefined) return known
    const sum = blst.aggregatePublicKeys(
      signers.map((signer) => must(this.#rules.blsKeys[signer], 'a signer has a key')),
    )
    this.#keyOfSigners.set(key, sum)
    return sum
  }

  #preimageOf(message: Message): Uint8Array {
    return votePreimage(this.#rules.context, message.kind, message.view, message.value)
  }

  #settleMessage(message: Message): void {
    message.isCertified = certificateSigners(message).length > 0
    if (!message.isCertified) return
    const key = `${message.kind} ${message.view}`
    const values = this.#values.get(key) ?? new Set<Hash>()
    values.add(message.value)
    this.#values.set(key, values)
  }

  /** Two prepare certificates in a view, or a commit and a skip certificate, need more than f double voters. */
  #checkExclusion(): void {
    const views = new Set([...this.#messages.values()].map((message) => message.view))
    for (const view of views) {
      const prepared = new Set([
        ...this.certifiedIn('prepare', view),
        ...this.certifiedIn('commit', view),
      ])
      if (prepared.size > 1)
        this.#report(
          'twoPrepared',
          undefined,
          `view ${view}: ${[...prepared].toSorted().join(', ')}`,
        )
      if (
        this.certifiedIn('commit', view).length > 0 &&
        this.certifiedIn('skip', view).length > 0
      ) {
        this.#report('commitAndSkip', undefined, `view ${view} has a commit and a skip certificate`)
      }
    }
  }

  #report(
    code:
      | 'certificateMalformed'
      | 'certificateBelowQuorum'
      | 'certificateForged'
      | 'voteForged'
      | 'twoPrepared'
      | 'commitAndSkip',
    validator: number | undefined,
    message: string,
  ): void {
    const { shard } = this.#rules
    this.#findings.add(
      validator === undefined ? { code, shard, message } : { code, shard, validator, message },
    )
  }
}

/** One multi-pairing over the combinations of many messages. */
function holdTogether(sets: SignatureSet[] | null): boolean {
  return sets !== null && (sets.length === 0 || blst.verifyMultipleAggregateSignatures(sets))
}

function messageKey(kind: VoteKind, view: number, value: Hash): string {
  return `${kind} ${view} ${value}`
}

function certificateSigners(message: Message): readonly number[] {
  const ballots = [...message.ballots.values()]
  return ballots.find((ballot) => ballot.role === 'certificate')?.signers ?? []
}

function describe(message: Message): string {
  return `${message.kind} in view ${message.view} on ${message.value.slice(0, 16)}`
}
