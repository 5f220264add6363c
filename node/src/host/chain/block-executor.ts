import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { must } from '../../core/errors.ts'
import { ByteWriter } from '../../core/primitives/byte-writer.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import type { Effect } from '../../core/consensus/effect.ts'
import type {
  CommittedBatch,
  CommittedBlock,
  ExecutedBlock,
} from '../../core/ledger/executed-block.ts'
import type { Ledger } from '../../core/ledger/ledger.ts'
import type { Certificate } from '../../core/wire/certificate.ts'
import { writeCommitEvent } from '../../core/wire/commit-event.ts'
import type { ImportBundle } from '../../core/wire/import-bundle.ts'
import type { Proposal } from '../../core/wire/proposal.ts'
import type { CommitNotice } from '../rpc/validator-door.ts'
import type { BodyCache } from './body-cache.ts'
import type { ChainReader } from './chain-reader.ts'

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

type CommitEffect = Extract<Effect, { kind: 'commit' }>

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
        this.#execute(next, await this.#gather(next))
      }
    } catch (error) {
      this.#isStopped = true
      this.#ports.fatal(error)
    } finally {
      this.#draining = null
    }
  }

  async #gather({ hash, proposal }: CommitEffect): Promise<CommittedBlock> {
    const { header, body } = proposal
    const { bodies, bundles, reader } = this.#ports
    const imports: ImportBundle[] = []
    for (const { digest } of body.imports) {
      imports.push(
        must(bundles.get(digest) ?? (await reader.import(digest)), 'a final import is in the log'),
      )
      bundles.drop(digest)
    }
    const batches: CommittedBatch[] = []
    for (const { author, sequence, digest } of body.batches) {
      const bytes = must(
        bodies.get(digest) ?? (await reader.batch(digest))?.body,
        'a final batch is in the log',
      )
      bodies.drop(digest)
      batches.push({ author, sequence, digest, body: bytes })
    }
    return {
      height: header.height,
      view: header.view,
      hash,
      timeMs: header.timeMs,
      imports,
      batches,
    }
  }

  #execute({ hash, proposal, certificate }: CommitEffect, block: CommittedBlock): void {
    const startMs = performance.now()
    const executed = this.#ports.ledger.executeBlock(block)
    const seconds = (performance.now() - startMs) / 1000
    const writer = new ByteWriter(1024)
    writeCommitEvent(writer, executed.event)
    const event = writer.finish()
    const digest = createHash('sha256').update(event).digest('hex') as Hash
    const notice: CommitNotice = { height: block.height, blockHash: hash, event, digest }
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
