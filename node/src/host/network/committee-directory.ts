import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import type { PeerId } from '@libp2p/interface'
import { bytesOfHex } from '../../core/primitives/bytes.ts'
import type { Committee } from '../../core/wire/committee.ts'
import { seatName, type Seat } from './seat.ts'

/** One committee member as the network knows it. */
export interface Member {
  readonly seat: Seat
  readonly peerId: PeerId
}

/** Who is who: peer keys of the genesis against seats. Only members may connect to the p2p port. */
export class CommitteeDirectory {
  readonly #bySeat = new Map<string, Member>()
  readonly #byPeerId = new Map<string, Member>()

  constructor(committees: readonly Committee[]) {
    for (const { shard, members } of committees) {
      members.forEach(({ peerKey }, validator) => {
        const peerId = peerIdFromPublicKey(publicKeyFromRaw(bytesOfHex(peerKey)))
        const member = { seat: { shard, validator }, peerId }
        this.#bySeat.set(seatName(member.seat), member)
        this.#byPeerId.set(peerId.toString(), member)
      })
    }
  }

  get size(): number {
    return this.#bySeat.size
  }

  at(seat: Seat): Member | null {
    return this.#bySeat.get(seatName(seat)) ?? null
  }

  of(peerId: PeerId): Member | null {
    return this.#byPeerId.get(peerId.toString()) ?? null
  }

  members(): Iterable<Member> {
    return this.#bySeat.values()
  }
}
