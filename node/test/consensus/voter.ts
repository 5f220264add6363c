import { Replica } from '../../src/core/consensus/replica.ts'
import { step } from '../../src/core/consensus/step.ts'
import type { Effect } from '../../src/core/consensus/effect.ts'
import type { PeerMessage } from '../../src/core/wire/peer-message.ts'
import type { Cluster } from './cluster.ts'

/** A moment at which every voter of these tests lives. */
export const CLOCK = { monotonicMs: 1000, wallMs: 1_800_000_001_000 }

/** A voter that has written its birth record, alone on its machine. */
export function voter(
  cluster: Cluster,
  index: number,
): { replica: Replica; feed: (message: PeerMessage, from: number) => readonly Effect[] } {
  const replica = new Replica(cluster.optionsOf(index))
  replica.canVote = true
  step(replica, { kind: 'start' }, CLOCK)
  const feed = (message: PeerMessage, from: number): readonly Effect[] => {
    const effects = [...step(replica, { kind: 'message', from, message }, CLOCK)]
    for (const effect of effects) {
      if (effect.kind === 'persist')
        effects.push(...step(replica, { kind: 'persisted', id: effect.id }, CLOCK))
    }
    return effects
  }
  return { replica, feed }
}

/** Votes that are sent, as `kind view`. */
export function votesIn(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === 'vote'
      ? [`${effect.message.vote.kind} ${effect.message.vote.view}`]
      : [],
  )
}
