import type { Hash } from '../primitives/hash.ts'

/** Digests that one member may have announced at one place, and places of one lane. Honest members stay far below. */
const DIGESTS_PER_PLACE_MAX = 4
const PLACES_MAX = 64

interface Announced {
  readonly place: number
  readonly digest: Hash
}

/**
 * Who says to have what on disk. A lane is an author's batches or a source's bundles, a place is the sequence there. What one
 * member says takes room only from itself, and nothing that it says about a place becomes a fact: places come from signed or
 * checked bytes.
 */
export class Announcements {
  /** By lane, then member: what it announced, ascending by place. */
  readonly #lanes: Map<number, Announced[]>[]

  constructor(lanes: number) {
    this.#lanes = Array.from({ length: lanes }, () => new Map<number, Announced[]>())
  }

  /** Notes that a member has a digest; a member that says too much loses its own highest places. */
  add(lane: number, place: number, digest: Hash, member: number): void {
    const members = this.#lanes[lane]
    if (members === undefined) return
    const said = members.get(member) ?? []
    members.set(member, said)
    if (said.some((one) => one.place === place && one.digest === digest)) return
    const atPlace = said.filter((one) => one.place === place)
    const oldest = atPlace[0]
    if (oldest !== undefined && atPlace.length >= DIGESTS_PER_PLACE_MAX) {
      said.splice(said.indexOf(oldest), 1)
    }
    let at = said.length
    while (at > 0 && (said[at - 1]?.place ?? 0) > place) at--
    said.splice(at, 0, { place, digest })
    if (said.length > PLACES_MAX) said.pop()
  }

  /** The most announcements in one lane that are remembered of one member. */
  get mostOfMember(): number {
    let most = 0
    for (const members of this.#lanes)
      for (const said of members.values()) most = Math.max(most, said.length)
    return most
  }

  /** Members that announced a digest at a place. */
  membersOf(lane: number, place: number, digest: Hash): number[] {
    const found: number[] = []
    for (const [member, said] of this.#lanes[lane] ?? []) {
      if (said.some((one) => one.place === place && one.digest === digest)) found.push(member)
    }
    return found
  }

  /** Every digest that was announced, with the members who did. */
  *announced(): Generator<{ lane: number; digest: Hash; members: number[] }> {
    for (const [lane, members] of this.#lanes.entries()) {
      if (members.size === 0) continue
      const holders = new Map<Hash, number[]>()
      for (const [member, said] of members) {
        for (const { digest } of said) {
          const known = holders.get(digest)
          if (known === undefined) holders.set(digest, [member])
          else known.push(member)
        }
      }
      for (const [digest, found] of holders) yield { lane, digest, members: found }
    }
  }

  /** Forgets places below the first one that may still be named. */
  dropBelow(lane: number, place: number): void {
    const members = this.#lanes[lane]
    if (members === undefined) return
    for (const [member, said] of members) {
      const left = said.filter((one) => one.place >= place)
      if (left.length === 0) members.delete(member)
      else if (left.length < said.length) members.set(member, left)
    }
  }
}
