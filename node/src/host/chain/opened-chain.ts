import { performance } from 'node:perf_hooks'
import { balanceOf, committeesOf, GENESIS_EPOCH } from '../../config/genesis.ts'
import type { NodeSetup } from '../../config/node-setup.ts'
import type { Effect } from '../../core/consensus/effect.ts'
import { Recovery } from '../../core/consensus/recovery.ts'
import type { Replica } from '../../core/consensus/replica.ts'
import { Ledger } from '../../core/ledger/ledger.ts'
import { StateStoreError } from '../../core/ledger/checkpoint.ts'
import type { LedgerParameters } from '../../core/ledger/ledger-parameters.ts'
import type { Roots } from '../../core/wire/block.ts'
import { dataFoldersOf } from '../data-folders.ts'
import { createCrypto } from '../crypto/crypto.ts'
import { LogError } from '../../core/log/log-error.ts'
import { WriteAheadLog, type GroupSynced } from '../log/write-ahead-log.ts'
import { StateStore } from '../state-store/state-store.ts'
import type { CommitNotice } from '../rpc/validator-door.ts'
import { ChainIndex } from './chain-index.ts'
import { EventHistory } from './event-history.ts'
import { LogReplay } from './log-replay.ts'
import { RootsHistory } from './roots-history.ts'

/** A row of the account table: key and address. */
const ACCOUNT_ROW_BYTES = 64

/** A validator's data folder, read to its end. */
export interface OpenedChain {
  readonly log: WriteAheadLog
  readonly store: StateStore
  readonly index: ChainIndex
  readonly ledger: Ledger
  readonly roots: RootsHistory
  readonly events: EventHistory
  /** Commit events at and below the checkpoint, ascending. */
  readonly notices: readonly CommitNotice[]
  readonly replica: Replica
  /** Final blocks above the ledger's height, in order: to be executed before anything else. */
  readonly unexecuted: readonly Extract<Effect, { kind: 'commit' }>[]
  /** Tells the replica, before it starts, that a block of `unexecuted` was executed. */
  noteExecuted(height: number, roots: Roots): void
  readonly summary: {
    readonly records: number
    readonly readMs: number
    readonly tornBytes: number
    /** Heights that a state was ahead of the log; it was thrown away then. */
    readonly stateAheadBy: number
  }
}

/**
 * Opens the folder, restores the ledger from its checkpoint and the replica from the log. A log that lost its end proves less
 * than the checkpoint was made from: the checkpoint is thrown away then, because blocks could not be executed on it in order.
 * @throws LogError, StateFolderError with one sentence for the person who runs the validator.
 */
export async function openChain(
  setup: NodeSetup,
  onSync: (group: GroupSynced) => void,
): Promise<OpenedChain> {
  const opened = await openOnce(setup, onSync)
  const stateAheadBy = opened.ledger.height - opened.replica.deliveredHeight
  if (stateAheadBy <= 0) return opened
  await opened.store.close()
  await opened.log.close()
  await StateStore.discard(dataFoldersOf(setup.config.dataDirectory).state)
  const again = await openOnce(setup, onSync)
  return { ...again, summary: { ...again.summary, stateAheadBy } }
}

async function openOnce(
  setup: NodeSetup,
  onSync: (group: GroupSynced) => void,
): Promise<OpenedChain> {
  const { config, genesis, networkId, keys } = setup
  const folders = dataFoldersOf(config.dataDirectory)
  const { log, recovered } = await WriteAheadLog.open({
    directory: folders.log,
    networkId,
    diskBytesMax: config.diskBytesMax,
    onSync,
  })
  const genesisLedger = createGenesisLedger(setup)
  const genesisRoots = genesisLedger.roots
  const { store, ledger, ...histories } = await openState(setup, genesisLedger)
  const recovery = new Recovery(
    {
      networkId,
      epoch: GENESIS_EPOCH,
      shard: config.shard,
      committees: committeesOf(genesis),
      self: config.validator,
      genesisRoots,
      batchBytesMax: genesis.protocol.batchBytesMax,
      timing: genesis.protocol,
      crypto: createCrypto(keys),
    },
    histories.roots.entries,
  )
  const index = new ChainIndex()
  const replay = new LogReplay(index, recovery, ledger.height)
  const startMs = performance.now()
  for await (const { position, bytes } of recovered) {
    const problem = replay.take(position, bytes)
    if (problem !== null) throw new LogError('damaged', `${folders.log}: ${problem}.`)
  }
  const readMs = performance.now() - startMs
  const tornBytes = log.tornTail?.bytes ?? 0
  const summary = { records: replay.records, readMs, tornBytes, stateAheadBy: 0 }
  const noteExecuted = (height: number, roots: Roots) => recovery.executed(height, roots)
  return {
    log,
    store,
    index,
    ledger,
    ...histories,
    replica: recovery.finish(),
    unexecuted: replay.unexecuted,
    noteExecuted,
    summary,
  }
}

function parametersOf({ config, genesis, networkId }: NodeSetup): LedgerParameters {
  return {
    networkId,
    shard: config.shard,
    shards: genesis.shards,
    outboxWindow: genesis.protocol.outboxWindow,
  }
}

/** The ledger before the first block. */
function createGenesisLedger(setup: NodeSetup): Ledger {
  const { config, genesis, accounts } = setup
  const bytes = genesis.accounts.perShard * ACCOUNT_ROW_BYTES
  const rows = accounts.subarray(config.shard * bytes, (config.shard + 1) * bytes)
  return Ledger.genesis(parametersOf(setup), rows, balanceOf(genesis))
}

/** The checkpoint is a cache of the log: what is damaged or of another network is thrown away and computed again. */
async function openState(
  setup: NodeSetup,
  genesisLedger: Ledger,
): Promise<Pick<OpenedChain, 'store' | 'ledger' | 'roots' | 'events' | 'notices'>> {
  const { config, networkId } = setup
  const options = {
    directory: dataFoldersOf(config.dataDirectory).state,
    networkId,
    shard: config.shard,
  }
  for (let attempt = 1; ; attempt++) {
    let store: StateStore | null = null
    try {
      store = await StateStore.open(options)
      const stored = await store.load()
      const roots = new RootsHistory()
      const events = new EventHistory()
      if (stored === null) return { store, ledger: genesisLedger, roots, events, notices: [] }
      const { notices, rest } = events.load(stored.entries)
      const ledger = Ledger.restore(parametersOf(setup), roots.load(rest))
      return { store, ledger, roots, events, notices }
    } catch (error) {
      await store?.close()
      if (!(error instanceof StateStoreError) || attempt > 1) throw error
      await StateStore.discard(options.directory)
    }
  }
}
