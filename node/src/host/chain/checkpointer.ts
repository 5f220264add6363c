import { performance } from 'node:perf_hooks'
import type { Ledger } from '../../core/ledger/ledger.ts'
import type { StateStore } from '../state-store/state-store.ts'
import type { WriteAheadLog } from '../log/write-ahead-log.ts'
import type { EventHistory } from './event-history.ts'
import type { OpenedChain } from './opened-chain.ts'
import type { RootsHistory } from './roots-history.ts'

const PAUSE_MS = 5_000
const BLOCKS_MAX = 512

/**
 * Saves the executed state now and then, so that a restart executes only the last few seconds again. Only what the log proves
 * durably is saved: a block may be executed while the record of its certificate still waits for the disk, and a state ahead
 * of its log would be of no use after a crash.
 */
export class Checkpointer {
  readonly #ledger: Ledger
  readonly #store: StateStore
  readonly #histories: { readonly roots: RootsHistory; readonly events: EventHistory }
  readonly #log: Pick<WriteAheadLog, 'synced'>
  readonly #fatal: (error: unknown) => void
  #saving: Promise<void> | null = null
  #savedHeight: number
  #savedAtMs = performance.now()

  constructor(
    chain: Pick<OpenedChain, 'ledger' | 'store' | 'roots' | 'events'> & {
      readonly log: Pick<WriteAheadLog, 'synced'>
    },
    fatal: (error: unknown) => void,
  ) {
    const { ledger, store, log } = chain
    this.#ledger = ledger
    this.#store = store
    this.#log = log
    this.#histories = chain
    this.#fatal = fatal
    this.#savedHeight = store.height ?? 0
  }

  /** Called after each executed block; starts a save when one is due and none is under way. */
  consider(): void {
    const { height } = this.#ledger
    const isDue =
      performance.now() - this.#savedAtMs >= PAUSE_MS || height - this.#savedHeight >= BLOCKS_MAX
    if (this.#saving === null && isDue && height > this.#savedHeight) this.#saving = this.#save()
  }

  /** The last save of an orderly end. */
  async finish(): Promise<void> {
    await this.#saving
    if (this.#ledger.height > this.#savedHeight) await this.#save()
  }

  async #save(): Promise<void> {
    const changes = this.#ledger.takeDirty()
    // All of one height, taken in one turn: blocks go on being executed while the disk works.
    const events = this.#histories.events.takeChanges()
    const roots = this.#histories.roots.stored()
    this.#savedHeight = changes.height
    this.#savedAtMs = performance.now()
    try {
      await this.#log.synced()
      await this.#store.save({
        ...changes,
        puts: [...changes.puts, ...events.puts, roots],
        deletes: [...changes.deletes, ...events.deletes],
      })
    } catch (error) {
      this.#fatal(error)
    } finally {
      this.#saving = null
    }
  }
}
