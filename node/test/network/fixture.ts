import { createPrivateKey, createPublicKey } from 'node:crypto'
import { afterEach } from 'node:test'
import { hexOf } from '../../src/core/primitives/bytes.ts'
import { domainHash, sha256, type Hash } from '../../src/core/primitives/hash.ts'
import type { Committee } from '../../src/core/wire/committee.ts'
import { PeerNetwork, type PeerNetworkOptions } from '../../src/host/network/peer-network.ts'
import type { PeerAddress } from '../../src/host/network/peer-address.ts'
import type { Purpose } from '../../src/host/network/purpose.ts'
import { seatName, type Seat } from '../../src/host/network/seat.ts'

export const NETWORK_ID: Hash = domainHash('test/network', Uint8Array.of(1))

/** A seed that everybody can derive; stands for the launcher's secret. */
export function peerSeedOf({ shard, validator }: Seat): Uint8Array {
  return sha256(Uint8Array.of(0x5e, shard, validator))
}

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

function peerKeyOf(seat: Seat): string {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, peerSeedOf(seat)]),
    format: 'der',
    type: 'pkcs8',
  })
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
}

/** Committees of `size` validators each, with real peer keys. */
export function committeesOf(shards: number, size: number): Committee[] {
  return Array.from({ length: shards }, (_, shard) => ({
    shard,
    epoch: 0,
    members: Array.from({ length: size }, (_member, validator) => ({
      blsKey: hexOf(new Uint8Array(48)),
      peerKey: peerKeyOf({ shard, validator }),
    })),
  }))
}

/** Whatever a test started; stopped after it, however it ended. */
const running: { stop(): Promise<void> | void }[] = []

/** Stops this after the test. */
export function stopAfterTest<T extends { stop(): Promise<void> | void }>(started: T): T {
  running.push(started)
  return started
}

afterEach(async () => {
  for (const started of running.splice(0)) await started.stop()
})

/** A frame as a test sees it. */
export interface GotFrame {
  readonly from: Seat
  readonly purpose: Purpose
  readonly frame: Uint8Array
}

/** A network of one validator on a free loopback port, with the frames it got. */
export class TestPeer {
  readonly network: PeerNetwork
  readonly frames: GotFrame[] = []
  #waiting: { isDone: () => boolean; resolve: () => void }[] = []
  /** What the handler returns for a frame; null takes it at once. */
  work: ((purpose: Purpose, frame: Uint8Array) => Promise<void>) | null = null

  constructor(
    options: Partial<PeerNetworkOptions> & Pick<PeerNetworkOptions, 'self' | 'committees'>,
  ) {
    this.network = new PeerNetwork({
      peerSeed: peerSeedOf(options.self),
      networkId: NETWORK_ID,
      listen: { host: '127.0.0.1', port: 0 },
      addressBook: [],
      ...options,
    })
    stopAfterTest(this.network)
    this.network.onFrame((from, purpose, frame) => {
      this.frames.push({ from, purpose, frame })
      this.#waiting = this.#waiting.filter(({ isDone, resolve }) =>
        isDone() ? (resolve(), false) : true,
      )
      return this.work?.(purpose, frame)
    })
  }

  /** Resolves as soon as a received frame makes the condition true. */
  when(isDone: () => boolean): Promise<void> {
    if (isDone()) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ isDone, resolve }))
  }

  count(purpose: Purpose, from?: Seat): number {
    return this.frames.filter(
      (got) => got.purpose === purpose && (!from || seatName(from) === seatName(got.from)),
    ).length
  }

  get address(): string {
    const { host, port } = this.network.listenAddress
    return `${host}:${port}`
  }
}

/** Starts one peer per seat and tells each where all the others are. */
export async function startPeers(
  committees: readonly Committee[],
  seats: readonly Seat[],
): Promise<TestPeer[]> {
  const peers = seats.map((self) => new TestPeer({ self, committees }))
  for (const peer of peers) await peer.network.start()
  shareAddresses(seats, peers)
  return peers
}

/** Puts everybody's present address into everybody's book. */
export function shareAddresses(seats: readonly Seat[], peers: readonly TestPeer[]): void {
  const book: PeerAddress[] = seats.flatMap((seat, i) => {
    const peer = peers[i]
    return peer === undefined ? [] : [{ ...seat, address: peer.address }]
  })
  for (const peer of peers) peer.network.updateAddressBook(book)
}
