import { hash } from 'node:crypto'
import type { Effect } from '../../core/consensus/effect.ts'
import { must } from '../../core/errors.ts'
import type {
  CommittedBatch,
  CommittedBlock,
  ExecutedBlock,
} from '../../core/ledger/executed-block.ts'
import type { Ledger } from '../../core/ledger/ledger.ts'
import { ByteWriter } from '../../core/primitives/byte-writer.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import { writeCommitEvent } from '../../core/wire/commit-event.ts'
import type { ImportBundle } from '../../core/wire/import-bundle.ts'
import type { CommitNotice } from '../rpc/validator-door.ts'
import type { BodyCache } from './body-cache.ts'
import type { ChainIndex } from './chain-index.ts'
import { findBatch, findImport, type Lookup } from './log-lookup.ts'

export type CommitEffect = Extract<Effect, { kind: 'commit' }>

/** Where bodies are that a block names. */
export interface BodySources {
  readonly index: ChainIndex
  readonly bodies: BodyCache<Uint8Array>
  readonly bundles: BodyCache<ImportBundle>
}

/** A final block with all that it names, from memory or else from the log. */
export function* gatherBlock(
  { hash, proposal }: CommitEffect,
  { index, bodies, bundles }: BodySources,
): Lookup<CommittedBlock> {
  const { header, body } = proposal
  const imports: ImportBundle[] = []
  for (const { digest } of body.imports) {
    const bundle = bundles.get(digest) ?? (yield* findImport(index, digest))
    imports.push(must(bundle, 'a final import is in the log'))
    bundles.drop(digest)
  }
  const batches: CommittedBatch[] = []
  for (const { author, sequence, digest } of body.batches) {
    const bytes = bodies.get(digest) ?? (yield* findBatch(index, digest))?.body
    batches.push({ author, sequence, digest, body: must(bytes, 'a final batch is in the log') })
    bodies.drop(digest)
  }
  const { height, view, timeMs } = header
  return { height, view, hash, timeMs, imports, batches }
}

/** Executes the next final block; the notice is what clients compare between validators. */
export function executeFinal(
  ledger: Ledger,
  block: CommittedBlock,
): { readonly executed: ExecutedBlock; readonly notice: CommitNotice } {
  const executed = ledger.executeBlock(block)
  const writer = new ByteWriter(1024)
  writeCommitEvent(writer, executed.event)
  const event = writer.finish()
  const digest = hash('sha256', event, 'hex') as Hash
  return { executed, notice: { height: block.height, blockHash: block.hash, event, digest } }
}
