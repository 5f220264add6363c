import { performance } from 'node:perf_hooks'
import type { CommittedBlock, ExecutedBlock } from '../../core/ledger/executed-block.ts'
import type { Ledger } from '../../core/ledger/ledger.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import type { Certificate } from '../../core/wire/certificate.ts'
import type { ImportBundle } from '../../core/wire/import-bundle.ts'
import type { Proposal } from '../../core/wire/proposal.ts'
import type { CommitNotice } from '../rpc/validator-door.ts'
import type { BodyCache } from './body-cache.ts'
import type { ChainReader } from './chain-reader.ts'
import { executeFinal, gatherBlock, type CommitEffect } from './final-block.ts'

/** A final block with its execution. */
export interface Execution {
  readonly hash: Hash
  readonly proposal: Proposal
  readonly certificate: Certificate | null
  readonly imports: readonly ImportBundle[]
  readonly executed: ExecutedBlock
  readonly notice: CommitNotice
  readonly seconds: number
}

/** Where bodies come from, and who hears of executed blocks. */
export interface ExecutorPorts {
  readonly ledger: Ledger
  readonly reader: ChainReader
  readonly bodies: BodyCache<Uint8Array>
  readonly bundles: BodyCache<ImportBundle>
  executed(execution: Execution): void
  fatal(error: unknown): void
}

/** Executes final blocks one after the other; bodies that are no longer in memory come from the log. */
export class BlockExecutor {
  readonly #ports: ExecutorPorts
  readonly #queue: CommitEffect[] = []
  #draining: Promise<void> | null = null
  #isStopped = false

  constructor(ports: ExecutorPorts) {
    this.#ports = ports
  }

  enqueue(block: CommitEffect): void {
    this.#queue.push(block)
    this.#draining ??= this.#drain()
  }

  /** Resolves when everything that was queued is executed. */
  async idle(): Promise<void> {
    await this.#draining
  }

  /** Ends after the block that is being executed. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#draining
  }

  async #drain(): Promise<void> {
    try {
      for (
        let next = this.#queue.shift();
        next !== undefined && !this.#isStopped;
        next = this.#queue.shift()
      ) {
        const { reader } = this.#ports
        const block = await reader.run(gatherBlock(next, { ...this.#ports, index: reader.index }))
        this.#execute(next, block)
      }
    } catch (error) {
      this.#isStopped = true
      this.#ports.fatal(error)
    } finally {
      this.#draining = null
    }
  }

  #execute({ hash, proposal, certificate }: CommitEffect, block: CommittedBlock): void {
    const startMs = performance.now()
    const { executed, notice } = executeFinal(this.#ports.ledger, block)
    const seconds = (performance.now() - startMs) / 1000
    this.#ports.executed({
      hash,
      proposal,
      certificate,
      imports: block.imports,
      executed,
      notice,
      seconds,
    })
  }
}
