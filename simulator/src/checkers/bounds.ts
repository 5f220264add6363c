import type { Replica } from '@shardnet/node/parts'
import type { Machine } from '../world/machine.ts'
import type { Verdict } from './verdict.ts'

/** What a member may make another one keep, written down once more: the core's own numbers are what is checked. */
const WANTS_MAX = 4_096
const VIEWS_AHEAD_PER_MEMBER = 4
const VIEWS_BEHIND = 8
const ANNOUNCED_PER_MEMBER = 64
const BATCHES_PER_AUTHOR = 8
const BUNDLES_PER_SOURCE = 256
const BLOCKS_KEPT = 2 * 64
const BLOCKS_PER_ANSWER = 64
const EVIDENCE_PER_MEMBER = 25

/** I12: what is kept in memory follows from the committee and from what is undecided, whatever anybody sends. */
export function checkBounds(verdict: Verdict, machine: Machine): void {
  const replica = machine.process?.replica
  if (replica === undefined) return
  for (const [name, size, limit] of sizesOf(replica)) {
    verdict.check(size <= limit, 'I12 bounded', () => {
      return `${machine.name} keeps ${size} ${name}, ${limit} at most are its own doing`
    })
  }
}

function sizesOf(replica: Replica): readonly (readonly [string, number, number])[] {
  const { size, committees } = replica.parameters
  const shards = committees.length
  const openViews = replica.view - replica.committedView
  const views = openViews + VIEWS_AHEAD_PER_MEMBER * size + VIEWS_BEHIND + 1
  const openBlocks = replica.tip.height - replica.deliveredHeight
  const ownBatches = size * BATCHES_PER_AUTHOR
  return [
    ['views of votes', replica.votes.size, views],
    ['views of proposals', replica.proposalOfView.size, views],
    ['blocks', replica.blocks.size, BLOCKS_KEPT + BLOCKS_PER_ANSWER + openBlocks + views],
    ['batches', replica.batches.size, ownBatches * (2 + openBlocks + openViews)],
    ['bundles', replica.imports.size, shards * (BUNDLES_PER_SOURCE + 1) + openBlocks * 64],
    ['announced batches of one author', replica.batchAcks.mostOfMember, ANNOUNCED_PER_MEMBER],
    ['announced bundles of one source', replica.importAcks.mostOfMember, ANNOUNCED_PER_MEMBER],
    ['wants', replica.fetches.size, WANTS_MAX],
    ['hints', replica.hints.size, WANTS_MAX],
    ['pieces of evidence', replica.evidenceSeen.size, size * EVIDENCE_PER_MEMBER],
  ]
}
