import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { createLibp2p, type Libp2p } from 'libp2p'
import type { Connection, ConnectionGater, PeerId, Stream } from '@libp2p/interface'
import { must, mustHold } from '../../core/errors.ts'
import { bytesOfHash, type Hash } from '../../core/primitives/hash.ts'
import type { Committee } from '../../core/wire/committee.ts'
import { FRAME_BYTES_MAX } from '../../core/wire/peer-message.ts'
import { boundedYamux } from './bounded-yamux.ts'
import { CommitteeDirectory, type Member } from './committee-directory.ts'
import { InboundChannel } from './inbound-channel.ts'
import { nullLinkShaper, type LinkShaper } from './link-shaper.ts'
import { describeError, NetworkError } from './network-error.ts'
import { fastNoiseCrypto } from './noise-crypto.ts'
import { multiaddrOf, parseHostPort, type HostPort, type PeerAddress } from './peer-address.ts'
import { PeerLink, type LinkStatus } from './peer-link.ts'
import { PURPOSES, protocolOf, purposeRules, type Purpose } from './purpose.ts'
import { seatName, type Seat } from './seat.ts'
import { newTraffic, type Traffic } from './traffic.ts'

/** What a validator's network is made of. */
export interface PeerNetworkOptions {
  readonly self: Seat
  /** The 32-byte seed of the ed25519 peer key that the committee names for `self`. */
  readonly peerSeed: Uint8Array
  readonly networkId: Hash
  /** All committees of the genesis. */
  readonly committees: readonly Committee[]
  /** Port 0 takes a free one; see `listenAddress`. */
  readonly listen: HostPort
  readonly addressBook: readonly PeerAddress[]
  readonly shaper?: LinkShaper
}

/**
 * Takes one frame from a validator; the channel proved who it is. The array is the handler's own.
 * A returned promise counts the frame as in work, which bounds what one peer can have in work per purpose.
 */
export type FrameHandler = (from: Seat, purpose: Purpose, frame: Uint8Array) => void | Promise<void>

/** One line of `peers()`. */
export interface PeerStatus extends Seat, LinkStatus {
  readonly address: string | null
}

const LISTENERS_PENDING_MAX = 128
const PING_INTERVAL_MS = 10_000
const PING_TIMEOUT_MS = 15_000

/** The validators of a network as seen from one of them: authenticated, encrypted, bounded, always reconnecting. */
export class PeerNetwork {
  readonly #options: PeerNetworkOptions
  readonly #shaper: LinkShaper
  readonly #directory: CommitteeDirectory
  readonly #traffic = newTraffic()
  readonly #links = new Map<string, PeerLink>()
  readonly #inbound = new Map<string, InboundChannel>()
  #addresses: ReadonlyMap<string, string>
  #libp2p: Libp2p | null = null
  #handler: FrameHandler | null = null
  #refusedConnections = 0

  constructor(options: PeerNetworkOptions) {
    this.#options = options
    this.#shaper = options.shaper ?? nullLinkShaper
    this.#directory = new CommitteeDirectory(options.committees)
    this.#addresses = addressesOf(options.addressBook)
  }

  /** Frames and bytes since the construction, by purpose. */
  get traffic(): Traffic {
    return this.#traffic
  }

  /** Inbound connections turned away because their key has no seat. */
  get refusedConnections(): number {
    return this.#refusedConnections
  }

  /** Where the port is bound; only while started. */
  get listenAddress(): HostPort {
    const address = must(this.#libp2p?.getMultiaddrs()[0], 'the network is started')
    const port = Number(address.getComponents().find(({ name }) => name === 'tcp')?.value)
    return { host: this.#options.listen.host, port }
  }

  /** Sets who takes the frames; before `start`. */
  onFrame(handler: FrameHandler): void {
    this.#handler = handler
  }

  /** @throws NetworkError when our key has no seat or the port cannot be bound. */
  async start(): Promise<void> {
    mustHold(this.#libp2p === null && this.#handler !== null, 'set onFrame, then start once')
    const libp2p = await this.#createNode()
    this.#libp2p = libp2p
    for (const purpose of PURPOSES) {
      const accept = (stream: Stream, connection: Connection): void =>
        this.#onStream(purpose, stream, connection)
      // Two per connection: a new stream may arrive before the end of the broken one was seen.
      await libp2p.handle(protocolOf(purpose), accept, {
        maxInboundStreams: 2,
        maxOutboundStreams: 2,
      })
    }
    libp2p.addEventListener('connection:open', ({ detail }) =>
      this.#linkOf(detail.remotePeer)?.onConnectionOpen(detail),
    )
    libp2p.addEventListener('connection:close', ({ detail }) =>
      this.#linkOf(detail.remotePeer)?.onConnectionClose(detail),
    )
    await this.#listen(libp2p)
    for (const member of this.#directory.members()) {
      if (!isSame(member.seat, this.#options.self)) this.#addLink(libp2p, member)
    }
    for (const link of this.#links.values()) link.start()
  }

  /** Closes every connection and the port. A stopped network stays stopped. */
  async stop(): Promise<void> {
    for (const link of this.#links.values()) link.stop()
    this.#links.clear()
    await this.#libp2p?.stop()
  }

  /**
   * Queues a frame for a validator; connects first if there is no connection.
   * False when the queue is full or there is no such peer: the frame is dropped and counted.
   */
  send(to: Seat, purpose: Purpose, frame: Uint8Array): boolean {
    mustHold(
      frame.length > 0 && frame.length <= FRAME_BYTES_MAX,
      `a frame of ${frame.length} bytes`,
    )
    const link = this.#links.get(seatName(to))
    if (link === undefined) return false
    const deliver = (): void => void link.send(purpose, frame)
    const bytes = frame.length
    switch (this.#shaper.shape({ direction: 'outbound', peer: to, purpose, bytes, deliver })) {
      case 'pass':
        return link.send(purpose, frame)
      case 'later':
        return true
      case 'drop':
        this.#traffic[purpose].framesShaped++
        return true
      case 'refuse':
        this.#traffic[purpose].framesDropped++
        return false
    }
  }

  /** Replaces the address book: peers that moved are dialled at their new place. */
  updateAddressBook(addressBook: readonly PeerAddress[]): void {
    const before = this.#addresses
    this.#addresses = addressesOf(addressBook)
    for (const [name, link] of this.#links) {
      if (before.get(name) !== this.#addresses.get(name)) link.retryNow()
    }
  }

  /** Every other validator of the network. */
  peers(): PeerStatus[] {
    return [...this.#directory.members()].flatMap(({ seat }) => {
      const name = seatName(seat)
      const link = this.#links.get(name)
      return link === undefined
        ? []
        : [{ ...seat, address: this.#addresses.get(name) ?? null, ...link.status }]
    })
  }

  async #createNode(): Promise<Libp2p> {
    const { self, peerSeed, networkId, listen } = this.#options
    const privateKey = await generateKeyPairFromSeed('Ed25519', peerSeed)
    const seat = this.#directory.at(self)
    if (seat === null || !seat.peerId.publicKey?.equals(privateKey.publicKey)) {
      throw new NetworkError(
        'notInCommittee',
        `the peer key is not the one that the genesis names for ${seatName(self)}`,
      )
    }
    const connectionsMax = 2 * this.#directory.size + 16
    return createLibp2p({
      start: false,
      privateKey,
      addresses: { listen: [multiaddrOf(listen).toString()] },
      transports: [tcp({ maxConnections: connectionsMax + LISTENERS_PENDING_MAX })],
      // Bound to the network: a validator of another one fails in the handshake, even with the same keys.
      connectionEncrypters: [
        noise({ crypto: fastNoiseCrypto, prologueBytes: bytesOfHash(networkId) }),
      ],
      streamMuxers: [boundedYamux()],
      connectionGater: this.#gater(),
      connectionManager: {
        maxConnections: connectionsMax,
        // Per host and second; on one machine all validators are one host.
        inboundConnectionThreshold: connectionsMax,
        maxIncomingPendingConnections: LISTENERS_PENDING_MAX,
        reconnectRetries: 0,
      },
      connectionMonitor: {
        pingInterval: PING_INTERVAL_MS,
        pingTimeout: { minTimeout: PING_TIMEOUT_MS },
      },
    })
  }

  #gater(): ConnectionGater {
    const denyStranger = (peerId: PeerId): boolean => {
      if (this.#directory.of(peerId) !== null) return false
      this.#refusedConnections++
      return true
    }
    return {
      denyDialPeer: (peerId) => this.#directory.of(peerId) === null,
      denyDialMultiaddr: () => false,
      denyInboundEncryptedConnection: denyStranger,
      denyOutboundEncryptedConnection: denyStranger,
    }
  }

  async #listen(libp2p: Libp2p): Promise<void> {
    const { host, port } = this.#options.listen
    try {
      await libp2p.start()
    } catch (error) {
      await libp2p.stop()
      const isInUse = describeError(error).includes('EADDRINUSE')
      throw isInUse
        ? new NetworkError(
            'addressInUse',
            `the p2p port ${host}:${port} is in use by another process`,
            { cause: error },
          )
        : new NetworkError(
            'cannotListen',
            `cannot listen on ${host}:${port}: ${describeError(error)}`,
            { cause: error },
          )
    }
  }

  #addLink(libp2p: Libp2p, member: Member): void {
    const { self } = this.#options
    const name = seatName(member.seat)
    const peerId = member.peerId.toString()
    const dial = (signal: AbortSignal): Promise<Connection> | null => {
      const address = this.#addresses.get(name)
      return address === undefined
        ? null
        : libp2p.dial(multiaddrOf(parseHostPort(address), peerId), { signal })
    }
    const isEager = member.seat.shard === self.shard
    const dialsFirst = !isEager || self.validator < member.seat.validator
    this.#links.set(
      name,
      new PeerLink({ member, traffic: this.#traffic, isEager, dialsFirst, dial }),
    )
  }

  #linkOf(peerId: PeerId): PeerLink | undefined {
    const member = this.#directory.of(peerId)
    return member === null ? undefined : this.#links.get(seatName(member.seat))
  }

  #onStream(purpose: Purpose, stream: Stream, connection: Connection): void {
    const member = this.#directory.of(connection.remotePeer)
    if (member === null) {
      stream.abort(new Error('no seat'))
      return
    }
    const key = `${seatName(member.seat)} ${purpose}`
    const channel = this.#inbound.get(key) ?? this.#newInbound(member.seat, purpose)
    this.#inbound.set(key, channel)
    channel.attach(stream)
  }

  #newInbound(seat: Seat, purpose: Purpose): InboundChannel {
    return new InboundChannel(purposeRules[purpose], this.#traffic[purpose], (frame) =>
      this.#receive(seat, purpose, frame),
    )
  }

  /** A delayed frame counts as in work, so that a slow link pauses its sender instead of filling our memory. */
  #receive(peer: Seat, purpose: Purpose, frame: Uint8Array): void | Promise<void> {
    const handler = must(this.#handler, 'onFrame is set before start')
    let release: (() => void) | null = null
    const deliver = (): void => release?.()
    const bytes = frame.length
    switch (this.#shaper.shape({ direction: 'inbound', peer, purpose, bytes, deliver })) {
      case 'pass':
        return handler(peer, purpose, frame)
      case 'later':
        return new Promise((resolve) => {
          release = () => resolve(handler(peer, purpose, frame))
        })
      case 'drop':
      case 'refuse':
        this.#traffic[purpose].framesShaped++
        return undefined
    }
  }
}

function addressesOf(addressBook: readonly PeerAddress[]): Map<string, string> {
  for (const { address } of addressBook) parseHostPort(address)
  return new Map(addressBook.map((entry) => [seatName(entry), entry.address]))
}

function isSame(a: Seat, b: Seat): boolean {
  return a.shard === b.shard && a.validator === b.validator
}
