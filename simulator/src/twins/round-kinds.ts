import type { Round } from './twins-plan.ts'

/** What a round is, in the words of the totals: who is apart, where a quorum is left, and whether the halves of a validator hear each other. */
export function roundKindsOf(round: Round, seatOf: readonly number[], size: number): string[] {
  const seats = new Map<number, Set<number>>()
  for (const [node, group] of round.groupOf.entries()) {
    const ofGroup = seats.get(group) ?? new Set()
    seats.set(group, ofGroup.add(seatOf[node] ?? 0))
  }
  const groups = [...seats.values()]
  const quorum = size - Math.trunc((size - 1) / 3)
  const quorums = groups.filter((ofGroup) => ofGroup.size >= quorum).length
  const areTwinsApart = seatOf.some(
    (seat, node) => node >= size && round.groupOf[node] !== round.groupOf[seat],
  )
  const kinds = [
    groups.length === 1 ? 'nobody apart' : `${groups.length} groups, ${QUORUMS[quorums] ?? ''}`,
    areTwinsApart ? 'twins apart' : 'twins together',
  ]
  if (round.dropRate > 0) kinds.push('with loss')
  return kinds.map((kind) => `partition: ${kind}`)
}

const QUORUMS = ['a quorum nowhere', 'a quorum in one', 'a quorum in two', 'a quorum in three']
