import {
  batchDigestOf,
  blockHashOf,
  bytesOfHash,
  deriveParameters,
  encodePeerMessage,
  must,
  votePreimage,
  type CryptoPort,
  type Hash,
  type PeerMessage,
} from '@shardnet/node/parts'
import type { Actor } from '../world/actor.ts'
import { Frame } from '../world/frame.ts'
import { Machine } from '../world/machine.ts'
import { Random } from '../world/random.ts'
import { nameOfSeat, type Seat } from '../world/seat.ts'
import type { World } from '../world/world.ts'
import { drawFlood } from './flood.ts'
import { fieldName, fieldsOf, withOneField } from './one-field.ts'
import { UNWATCHED } from './unwatched.ts'

/** Of each kind. */
const HEARD_MAX = 16
/** Votes and proposals go by all the time; of what is seldom sent, so many forgeries go along at once. */
const FORGERIES_OF_SELDOM = 12
/** Messages of a burst. */
const FLOOD = 40
const OFTEN: ReadonlySet<PeerMessage['kind']> = new Set([
  'vote',
  'proposal',
  'certificate',
  'batch',
  'batchAck',
])

/** How often a forger does what, with each message that it sends. */
interface Habits {
  /** One field is another one … */
  readonly forgeRate: number
  /** … and what the forger's own keys can sign is signed anew. */
  readonly signRate: number
  /** The message is withheld from this receiver. */
  readonly withholdRate: number
  /** Something that it heard before, from anybody in any shard, goes along. */
  readonly replayRate: number
  /** A burst of what makes work and is of no use goes along. */
  readonly floodRate: number
}

/**
 * A validator that lies with what it has: its own keys, and everything it heard. It runs the protocol and changes one field of what it
 * sends, sometimes with a true signature over the lie (two values in one view, votes of other views), sometimes not (forged bitmaps,
 * certificates and proofs); it tells some and not others, and repeats what is stale.
 */
export class Forger implements Actor {
  readonly seat: Seat
  readonly #world: World
  readonly #machine: Machine
  readonly #random: Random
  readonly #habits: Habits
  readonly #context: Hash
  readonly #crypto: CryptoPort
  readonly #heard = new Map<PeerMessage['kind'], PeerMessage[]>()
  /** Which field of a kind is next, so that all have their turn. */
  readonly #turns = new Map<PeerMessage['kind'], number>()

  constructor(seat: Seat, world: World) {
    this.seat = seat
    this.#world = world
    this.#random = new Random(world.plan.seed, `forger ${nameOfSeat(seat)}`)
    const rate = (): number => this.#random.pick([0, 0.05, 0.2, 0.5])
    this.#habits = {
      forgeRate: rate(),
      signRate: this.#random.pick([0, 0.5, 1]),
      withholdRate: rate(),
      replayRate: rate() / 4,
      floodRate: this.#random.pick([0, 0, 0.02]),
    }
    const options = world.genesis.replicaOptionsOf(seat)
    this.#context = deriveParameters(options).context
    this.#crypto = options.crypto
    const send = (to: Seat, frame: Frame): void => this.#send(to, frame)
    this.#machine = new Machine(seat, world, { send, watch: UNWATCHED })
    this.#machine.initialise()
  }

  start(): void {
    this.#machine.start()
  }

  onFrame(from: Seat, frame: Frame): void {
    const decoded = frame.decode()
    if (decoded.kind === 'value') this.#hear(decoded.value)
    this.#machine.onFrame(from, frame)
  }

  #hear(message: PeerMessage): void {
    const heard = this.#heard.get(message.kind) ?? []
    this.#heard.set(message.kind, heard)
    if (heard.length < HEARD_MAX) heard.push(message)
    else heard[this.#random.below(HEARD_MAX)] = message
  }

  #send(to: Seat, frame: Frame): void {
    const { withholdRate, replayRate } = this.#habits
    const random = this.#random
    const { counts } = this.#world
    if (random.chance(replayRate) && this.#heard.size > 0) {
      // What is seldom heard as often as the rest.
      const kinds = [...this.#heard.values(), [this.#question()]]
      const message = random.pick(random.pick(kinds))
      counts.add('liar: replayed')
      this.#say(to, message, this.#frameOf(encodePeerMessage(message)))
    }
    if (random.chance(this.#habits.floodRate)) this.#flood(to)
    if (random.chance(withholdRate)) return counts.add('liar: withheld')
    const decoded = frame.decode()
    if (decoded.kind === 'value') this.#say(to, decoded.value, frame)
  }

  #flood(to: Seat): void {
    const replica = this.#machine.process?.replica
    if (replica === undefined) return
    this.#world.counts.add('liar: flood')
    const { size, shards } = this.#world.plan
    const flooded = { view: replica.view, height: replica.tip.height, size, shards }
    for (let i = 0; i < FLOOD; i++) {
      const message = drawFlood(this.#random, flooded)
      this.#world.send(this.seat, to, this.#frameOf(encodePeerMessage(this.#signed(message))))
    }
  }

  /** Nobody who is in step asks for certificates of views: asked for nothing. */
  #question(): PeerMessage {
    const first = this.#random.below(40)
    return { kind: 'fetchCertificates', first, last: first + this.#random.below(40) }
  }

  /** The message as it is, or what the forger makes of it. */
  #say(to: Seat, message: PeerMessage, frame: Frame): void {
    if (!this.#random.chance(this.#habits.forgeRate)) return this.#world.send(this.seat, to, frame)
    const forgeries = OFTEN.has(message.kind) ? 1 : FORGERIES_OF_SELDOM
    for (let i = 0; i < forgeries; i++)
      this.#world.send(this.seat, to, this.#forged(message) ?? frame)
  }

  #frameOf(bytes: Uint8Array): Frame {
    return new Frame(bytes, !this.#world.plan.isDecodingApart)
  }

  /** Null where there is no field, as in an empty answer, where chance left it as it was, or no bytes stand for what it became. */
  #forged(message: PeerMessage): Frame | null {
    const random = this.#random
    const places = [...Map.groupBy(fieldsOf(message), (keys) => fieldName(message.kind, keys))]
    if (places.length === 0) return null
    const turn = this.#turns.get(message.kind) ?? random.below(places.length)
    this.#turns.set(message.kind, turn + 1)
    const [name, all] = must(places[turn % places.length], 'a turn within the fields')
    const changed = withOneField(message, random.pick(all), random)
    if (changed === null) return null
    const isSigned = this.#random.chance(this.#habits.signRate)
    const bytes = encoded(() => (isSigned ? this.#signed(changed) : changed))
    if (bytes === null) return null
    this.#world.counts.add(`forged: ${name}`)
    if (isSigned) this.#world.counts.add('liar: signed anew')
    return this.#frameOf(bytes)
  }

  /** With true signatures where they are the forger's own to give. */
  #signed(message: PeerMessage): PeerMessage {
    if (message.kind === 'vote') {
      const { kind, view, value } = message.vote
      const signature = this.#crypto.signVote(votePreimage(this.#context, kind, view, value))
      return { kind: 'vote', vote: { ...message.vote, signature } }
    }
    if (message.kind === 'proposal' && message.proposal.header.proposer === this.seat.validator) {
      const signature = this.#crypto.signPeer(bytesOfHash(blockHashOf(message.proposal.header)))
      return { kind: 'proposal', proposal: { ...message.proposal, signature } }
    }
    if (message.kind === 'batch' && message.signed.header.author === this.seat.validator) {
      const signature = this.#crypto.signPeer(bytesOfHash(batchDigestOf(message.signed.header)))
      return { ...message, signed: { ...message.signed, signature } }
    }
    return message
  }
}

/** Null for what no bytes stand for, such as a proposal without a header: the codec of an honest program does not write it. */
function encoded(make: () => PeerMessage): Uint8Array | null {
  try {
    return encodePeerMessage(make())
  } catch (error) {
    if (error instanceof Error) return null
    throw error
  }
}
