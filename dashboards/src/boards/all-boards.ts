import type { Board } from './board.ts'
import { consensus } from './consensus.ts'
import { crossShard } from './cross-shard.ts'
import { loadTest } from './load-test.ts'
import { network } from './network.ts'
import { operatorBoard } from './operator.ts'
import { overview } from './overview.ts'
import { shardBoard } from './shard.ts'

/** Every dashboard, in the order in which a person reads them. */
export const allBoards: readonly Board[] = [
  overview,
  shardBoard,
  consensus,
  crossShard,
  network,
  loadTest,
  operatorBoard,
]
