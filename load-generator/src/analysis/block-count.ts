import type { Counting } from '../result/counting-shape.ts'
import type { SliceColumns } from './slices.ts'

/**
 * The figure of 2018: each shard's leader took block size over the time since it proposed the block, the mean of that
 * over its blocks, and a script added the leaders. Ours rotate, so the proposers of a shard count as one leader. Idle
 * time does not count, both halves of a cross-shard transaction do, and blocks that overlap count twice.
 */
export function style2018Of(
  columns: SliceColumns,
  firstSlice: number,
  honestPerSecond: number,
): Counting['style2018'] {
  const shards = columns.blocks[0]?.length ?? 0
  let perSecond = 0
  let blocks = 0
  let busyMs = 0
  for (let shard = 0; shard < shards; shard++) {
    const sums = { rates: 0, blocks: 0 }
    for (const slice of columns.blocks.slice(firstSlice)) {
      sums.rates += slice[shard]?.rates ?? 0
      sums.blocks += slice[shard]?.blocks ?? 0
      busyMs += slice[shard]?.busyMs ?? 0
    }
    if (sums.blocks > 0) perSecond += sums.rates / sums.blocks
    blocks += sums.blocks
  }
  const windowMs = (columns.blocks.length - firstSlice) * columns.sliceMs
  if (blocks === 0 || windowMs <= 0) return null
  return {
    perSecond,
    ratioToHonest: honestPerSecond > 0 ? perSecond / honestPerSecond : null,
    blocks,
    busyShare: busyMs / (windowMs * shards),
    text: `2018-style, not a throughput: block size over busy time, added over ${shards} ${shards === 1 ? 'shard' : 'shards'}`,
  }
}
