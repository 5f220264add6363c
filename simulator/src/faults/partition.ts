import type { Random } from '../world/random.ts'

/** How a committee falls apart. */
export type PartitionShape = 'minority' | 'majority' | 'noQuorum' | 'bridge' | 'ring' | 'oneWay'

/** A directed link that is cut: from, to. */
export type CutLink = readonly [number, number]

/**
 * The links that a partition of a shape cuts in a committee. Minority: up to f are alone. Majority: more than a half, but no quorum, faces the
 * rest. No quorum: halves. Bridge: one member sees both halves. Ring: everybody sees some neighbours, and no two see the same majority.
 * One-way: up to f are heard and hear nothing, or the other way round.
 */
export function drawPartition(
  shape: PartitionShape,
  size: number,
  faultyMax: number,
  random: Random,
): CutLink[] {
  const members = random.sample(
    Array.from({ length: size }, (_, index) => index),
    size,
  )
  const sideOf = (count: number) => new Set(members.slice(0, count))
  switch (shape) {
    case 'minority':
      return between(members, sideOf(1 + random.below(faultyMax)))
    case 'majority':
      return between(members, sideOf(faultyMax + 1))
    case 'noQuorum':
      return between(members, sideOf(Math.floor(size / 2)))
    case 'bridge': {
      const bridge = members.at(-1)
      const cut = between(members, sideOf(Math.floor(size / 2)))
      return cut.filter(([from, to]) => from !== bridge && to !== bridge)
    }
    case 'ring':
      return ring(members)
    case 'oneWay': {
      const side = sideOf(1 + random.below(faultyMax))
      const isDeaf = random.chance(0.5)
      return between(members, side).filter(([from]) => side.has(from) !== isDeaf)
    }
  }
}

function between(members: readonly number[], side: ReadonlySet<number>): CutLink[] {
  return members.flatMap((from) =>
    members.flatMap((to): CutLink[] => (side.has(from) === side.has(to) ? [] : [[from, to]])),
  )
}

/** Members further apart than a quarter of the circle do not see each other. */
function ring(members: readonly number[]): CutLink[] {
  const { length } = members
  return members.flatMap((from, i) =>
    members.flatMap((to, j): CutLink[] => {
      const distance = Math.min(Math.abs(i - j), length - Math.abs(i - j))
      return distance > Math.max(1, length / 4) ? [[from, to]] : []
    }),
  )
}
