import type { TransactionProof } from '../../client/proof.ts'
import { must } from '../../core/errors.ts'
import { bytesOfHash, type Hash } from '../../core/primitives/hash.ts'
import { batchesRootOf, proveResult, type BatchEffects } from '../../core/ledger/receipt.ts'
import type { BlockHeader } from '../../core/wire/block.ts'
import { readAt } from '../../core/wire/cell-reads.ts'
import type { Certificate } from '../../core/wire/certificate.ts'
import { resultCode, type ResultCode } from '../../core/wire/result-code.ts'
import { arenaOf, transactionIdOf, transactionLengthAt } from '../../core/wire/transaction.ts'
import type { TransactionAnswer } from '../rpc/validator-door.ts'
import type { Execution } from './block-executor.ts'
import type { ChainReader } from './chain-reader.ts'
import { TransactionIndex, type TransactionPlace } from './transaction-index.ts'

/** Executed blocks whose transactions can be found. */
const BLOCKS_MAX = 4_096
/** Headers skip a few executed heights at most. */
const LATER_HEIGHTS_MAX = 32
/** 2^17 transactions are remembered, in 3 MiB. */
const INDEX_POWER = 17

interface ExecutedLeaves {
  readonly hash: Hash
  /** Result root before the block. */
  readonly previous: Hash
  /** The block's own root over its batches; null without any. */
  readonly batchesRoot: Hash | null
  readonly leaves: readonly Hash[]
  readonly batches: readonly ({ readonly digest: Hash } & BatchEffects)[]
}

interface Exposure {
  readonly header: BlockHeader
  readonly certificate: Certificate
}

/**
 * What became of the latest transactions, with what proves it to somebody who knows the committee. Ids are hashed only when
 * somebody asks: no validator pays for them under load.
 */
export class ReceiptBook {
  readonly #reader: ChainReader
  readonly #networkId: Uint8Array
  readonly #index = new TransactionIndex(INDEX_POWER)
  readonly #blocks = new Map<number, ExecutedLeaves>()
  /** By executed height: the first certified header that shows its roots. */
  readonly #exposures = new Map<number, Exposure>()
  #resultRoot: Hash
  #indexedHeight = 0
  #indexing: Promise<void> = Promise.resolve()

  /** @param resultRoot result root of the height from which blocks will be added. */
  constructor(reader: ChainReader, networkId: Hash, resultRoot: Hash) {
    this.#resultRoot = resultRoot
    this.#reader = reader
    this.#networkId = bytesOfHash(networkId)
  }

  /** Takes over an executed block. */
  add({ hash, proposal, certificate, executed }: Execution): void {
    const { height, event, resultLeaves } = executed
    const batches = event.batches.map(({ results, reads }, at) => {
      const { digest } = must(proposal.body.batches[at], 'an outcome per named batch')
      return { digest, results, reads }
    })
    const batchesRoot = batchesRootOf(resultLeaves)
    const previous = this.#resultRoot
    this.#blocks.set(height, { hash, previous, batchesRoot, leaves: resultLeaves, batches })
    this.#blocks.delete(height - BLOCKS_MAX)
    this.#resultRoot = executed.roots.result
    const shown = proposal.header.executed.height
    if (certificate === null || this.#exposures.has(shown)) return
    this.#exposures.set(shown, { header: proposal.header, certificate })
    this.#exposures.delete(shown - BLOCKS_MAX)
  }

  /** Null when the transaction is not among the latest ones that were executed. */
  async answerFor(id: Hash): Promise<TransactionAnswer | null> {
    this.#indexing = this.#indexing.then(() => this.#catchUp())
    await this.#indexing
    const [high, low] = wordsOf(id)
    const place = this.#index.get(high, low)
    const block = place === null ? undefined : this.#blocks.get(place.height)
    if (place === null || block === undefined) return null
    const batch = must(block.batches[place.batch], 'the batch of an indexed transaction')
    const record = must(await this.#reader.batch(batch.digest), 'an executed batch is in the log')
    if (idsOf(this.#networkId, record.body)[place.position] !== id) return null
    const exposure = this.#exposureOf(place.height)
    const path = proveResult(block.leaves, place.batch)
    const chain = { previous: block.previous, later: this.#rootsBetween(place.height, exposure) }
    const receipt: TransactionProof | null =
      exposure === null
        ? null
        : {
            ...exposure,
            receipt: { ...batch, batchIndex: place.batch, path, ...chain },
            batchHeader: record.signed.header,
            batchBody: record.body,
          }
    // Codes come from our own ledger.
    return {
      kind: 'executed',
      height: place.height,
      blockHash: block.hash,
      result: place.result as ResultCode,
      read: readAt(batch.reads, place.position),
      receipt,
    }
  }

  /** The first certified header that shows results of this height or a little above. */
  #exposureOf(height: number): Exposure | null {
    for (let shown = height; shown <= height + LATER_HEIGHTS_MAX; shown++) {
      const exposure = this.#exposures.get(shown)
      if (exposure !== undefined) return exposure
    }
    return null
  }

  /** Own roots of the blocks with batches above a height, up to the one that a header shows. */
  #rootsBetween(height: number, exposure: Exposure | null): Hash[] {
    const later: Hash[] = []
    for (let at = height + 1; at <= (exposure?.header.executed.height ?? 0); at++) {
      const root = this.#blocks.get(at)?.batchesRoot
      if (root) later.push(root)
    }
    return later
  }

  /** Hashes the ids of blocks that were executed since somebody asked last. */
  async #catchUp(): Promise<void> {
    for (const [height, { batches }] of [...this.#blocks]) {
      if (height <= this.#indexedHeight) continue
      for (const [batch, { digest, results }] of batches.entries()) {
        const record = must(await this.#reader.batch(digest), 'an executed batch is in the log')
        for (const [position, id] of idsOf(this.#networkId, record.body).entries()) {
          this.#put(id, { height, batch, position, result: results[position] ?? 0 })
        }
      }
      this.#indexedHeight = height
    }
  }

  /** The first result with an effect stands: a replayed copy ends STALE and changes nothing. */
  #put(id: Hash, place: TransactionPlace): void {
    const [high, low] = wordsOf(id)
    const known = this.#index.get(high, low)
    const isSettled =
      known !== null && (known.result === resultCode.ok || known.result >= resultCode.insufficient)
    if (!isSettled) this.#index.put(high, low, place)
  }
}

function wordsOf(id: Hash): readonly [high: number, low: number] {
  return [Number.parseInt(id.slice(0, 8), 16), Number.parseInt(id.slice(8, 16), 16)]
}

function idsOf(networkId: Uint8Array, body: Uint8Array): Hash[] {
  const arena = arenaOf(body)
  const ids: Hash[] = []
  for (let offset = 0; offset < body.length;) {
    const end = offset + transactionLengthAt(arena, offset)
    ids.push(transactionIdOf(networkId, body.subarray(offset, end)))
    offset = end
  }
  return ids
}
