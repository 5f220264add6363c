import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { refusalCode, type RefusalCode } from '../../client/refusal-code.ts'
import { must } from '../../core/errors.ts'
import { bytesOfHash, type Hash } from '../../core/primitives/hash.ts'
import { VALIDITY_HEIGHTS_MAX, resultCode } from '../../core/wire/result-code.ts'
import {
  addressOf,
  arenaOf,
  amountAt,
  checkForm,
  offsetOf,
  transactionLengthAt,
  type Arena,
  type FormRules,
} from '../../core/wire/transaction.ts'
import type { Submission, SubmitAnswer, SubmitListener } from '../rpc/validator-door.ts'
import { ROW_WORDS } from '../signatures/signature-job.ts'
import type { SignaturePool } from '../signatures/signature-pool.ts'
import { AdmissionLimit } from './admission-limit.ts'
import { writeRow } from './batch-rows.ts'
import { acknowledgePacked, BatchPacker, type PackedBatch } from './packed-batch.ts'
import { PendingNonces } from './pending-nonces.ts'

/** Signatures that the door hands to the kernel at once: larger batches are cheaper per signature, smaller ones quicker. */
const ROWS_PER_JOB_MAX = 2048
/** How long the door waits for more transactions before it checks what it has. */
const GATHER_MS = 4
/** Growth of the age at which a batch leaves, for each of our batches that is under way. */
const AGE_GROWTH = 1.5

/** What the door asks of the rest of the validator. */
export interface DoorPorts {
  readonly pool: SignaturePool
  /** Hands a checked body to the replica. */
  pack(packed: { readonly body: Uint8Array; readonly bodyHash: Hash; readonly count: number }): void
  /** Batches of ours that may still be under way. */
  room(): number
  executedHeight(): number
  /** What the executed state says about a payer's nonce; null for an unknown account. */
  judgeNonce(address: Uint8Array, nonce: number): 'fresh' | 'used' | 'ahead' | null
  readonly observe: DoorObserver
}

/** Counts for metrics. */
export interface DoorObserver {
  checked(valid: number, invalid: number): void
}

/** Bounds and parameters of the door; the network's come from the genesis. */
export interface DoorOptions {
  readonly networkId: Hash
  readonly rules: FormRules
  readonly batchBytesMax: number
  readonly batchAgeMs: number
  readonly pendingTransactionsMax: number
}

interface Waiting {
  readonly submission: Submission
  readonly arena: Arena
}

/** Rows under check with everything that is needed to answer for them. */
interface Job {
  readonly bytes: Uint8Array
  readonly buffer: Buffer
  readonly rows: Uint32Array
  readonly offsets: number[]
  readonly ends: number[]
  readonly references: number[]
  readonly listeners: SubmitListener[]
}

/**
 * Takes clients' transactions: static rules, nonce, signature; then packs them into our own batches. Everything between
 * the socket and the batch is bounded, and what does not fit is turned away before it costs a check.
 */
export class TransactionDoor {
  readonly #options: DoorOptions
  readonly #ports: DoorPorts
  readonly #prefix: Uint8Array
  readonly #nonces = new PendingNonces()
  readonly #packer: BatchPacker
  readonly #limit: AdmissionLimit
  #waiting: Waiting[] = []
  #waitingCount = 0
  /** Taken and not yet in a batch. */
  #pending = 0
  #gatherTimer: NodeJS.Timeout | null = null
  #ageTimer: NodeJS.Timeout | null = null
  /** Full and waiting for room, in order. */
  readonly #sealed: PackedBatch[] = []
  /** Handed to the replica, not yet on disk, in order. */
  readonly #unlogged: PackedBatch[] = []
  /** On disk, not yet executed, by sequence. */
  readonly #logged = new Map<number, PackedBatch>()
  #isClosed = false

  constructor(options: DoorOptions, ports: DoorPorts) {
    this.#options = options
    this.#ports = ports
    this.#prefix = bytesOfHash(options.networkId)
    this.#packer = new BatchPacker(options.batchBytesMax)
    this.#limit = new AdmissionLimit(options.pendingTransactionsMax)
  }

  /** Transactions taken from clients and not yet in a batch. */
  get pending(): number {
    return this.#pending
  }

  /** Batches of ours that no executed block has ordered. */
  get batchesWaiting(): number {
    return this.#unlogged.length + this.#logged.size
  }

  submit(submission: Submission): SubmitAnswer {
    const isOver = this.#pending + submission.count > this.#options.pendingTransactionsMax
    // One submission may reach over the limit of the moment: a large one must find its way in at all.
    if (this.#isClosed || isOver || this.#pending >= this.#limit.count) {
      const nowMs = performance.now()
      return {
        kind: 'full',
        retryAfterMs: this.#limit.turnAway(submission.count, this.#pending, nowMs),
      }
    }
    this.#pending += submission.count
    this.#waitingCount += submission.count
    this.#waiting.push({ submission, arena: arenaOf(submission.bytes) })
    if (this.#waitingCount >= ROWS_PER_JOB_MAX) this.#checkWaiting()
    else this.#gatherTimer ??= setTimeout(() => this.#checkWaiting(), GATHER_MS)
    return { kind: 'taken' }
  }

  /** Our batch of the next sequence is on disk. */
  onBatchLogged(sequence: number): void {
    const packed = this.#unlogged.shift()
    if (packed === undefined) return
    this.#logged.set(sequence, packed)
    acknowledgePacked(packed)
  }

  /** A block ordered our batch: its nonces are settled; what came too early for its nonce is packed again. Returns its age. */
  onBatchExecuted(sequence: number, results: Uint8Array): number | null {
    const packed = this.#logged.get(sequence)
    if (packed === undefined) return null
    this.#logged.delete(sequence)
    const buffer = Buffer.from(packed.body.buffer, packed.body.byteOffset, packed.body.length)
    let start = 0
    for (const [index, end] of packed.ends.entries()) {
      if (results[index] === resultCode.ahead)
        this.#repack(packed.body.subarray(start, end), buffer, start)
      else this.#nonces.release(buffer, start)
      start = end
    }
    this.tryPack()
    return performance.now() - packed.packedAtMs
  }

  /** Packs what is full or old enough while the replica has room; called when any of that may have changed. */
  tryPack(): void {
    if (this.#isClosed) return
    for (
      let packed = this.#sealed[0];
      packed !== undefined && this.#ports.room() > 0;
      packed = this.#sealed[0]
    ) {
      this.#sealed.shift()
      this.#hand(packed)
    }
    if (this.#packer.count === 0 || this.#ports.room() <= 0) return
    const nowMs = performance.now()
    const ageMs = nowMs - this.#packer.firstAtMs
    // The more of our batches are under way, the longer the next one gathers: few large ones cost everybody less than many small.
    const ageMinMs = this.#options.batchAgeMs * AGE_GROWTH ** this.batchesWaiting
    if (ageMs >= ageMinMs) return this.#hand(this.#packer.take(nowMs))
    this.#ageTimer ??= setTimeout(() => {
      this.#ageTimer = null
      this.tryPack()
    }, ageMinMs - ageMs)
  }

  /** Takes nothing any more and forgets what was not packed; its clients were never told otherwise. */
  close(): void {
    this.#isClosed = true
    if (this.#gatherTimer !== null) clearTimeout(this.#gatherTimer)
    if (this.#ageTimer !== null) clearTimeout(this.#ageTimer)
  }

  #checkWaiting(): void {
    if (this.#gatherTimer !== null) clearTimeout(this.#gatherTimer)
    this.#gatherTimer = null
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingCount = 0
    if (waiting.length === 0 || this.#isClosed) return
    const job = this.#jobOf(waiting)
    if (job.offsets.length > 0) void this.#check(job)
  }

  /** Copies the waiting bytes into one arena, refuses by the static rules and nonces, and leaves rows for the rest. */
  #jobOf(waiting: readonly Waiting[]): Job {
    const count = waiting.reduce((sum, { submission }) => sum + submission.count, 0)
    const length = waiting.reduce((sum, { submission }) => sum + submission.bytes.length, 0)
    const bytes = new Uint8Array(new SharedArrayBuffer(length))
    const buffer = Buffer.from(bytes.buffer, 0, length)
    const arena = arenaOf(bytes)
    const rows = new Uint32Array(new SharedArrayBuffer(count * ROW_WORDS * 4))
    const job = { bytes, buffer, rows, offsets: [], ends: [], references: [], listeners: [] } as Job
    let offset = 0
    for (const { submission } of waiting) {
      bytes.set(submission.bytes, offset)
      for (let index = 0; index < submission.count; index++) {
        const reference = (submission.firstReference + index) >>> 0
        const end = offset + transactionLengthAt(arena, offset)
        const refusal = this.#admit(arena, buffer, offset)
        if (refusal !== null) this.#refuse(submission.listener, reference, refusal)
        else {
          writeRow(rows, job.offsets.length, offset, end - offset)
          job.offsets.push(offset)
          job.ends.push(end)
          job.references.push(reference)
          job.listeners.push(submission.listener)
        }
        offset = end
      }
    }
    return job
  }

  #admit(arena: Arena, buffer: Buffer, offset: number): RefusalCode | null {
    const form = checkForm(arena, offset, this.#options.rules)
    if (typeof form === 'string') return refusalCode[form]
    const validUntil = arena.view.getUint32(offset + offsetOf.validUntil)
    const height = this.#ports.executedHeight()
    if (validUntil <= height) return refusalCode.EXPIRED
    if (validUntil > height + VALIDITY_HEIGHTS_MAX) return refusalCode.VALIDITY_TOO_FAR
    const key = arena.bytes.subarray(offset + offsetOf.payerKey, offset + offsetOf.nonce)
    const address = addressOf(arena.view.getUint16(offset + offsetOf.payerSlot), key)
    const nonce = this.#ports.judgeNonce(address, amountAt(arena, offset + offsetOf.nonce))
    if (nonce === null) return refusalCode.UNKNOWN_PAYER
    if (nonce === 'used') return refusalCode.NONCE_USED
    if (nonce === 'ahead') return refusalCode.NONCE_AHEAD
    return this.#nonces.take(buffer, offset) ? null : refusalCode.NONCE_TAKEN
  }

  async #check(job: Job): Promise<void> {
    const rows = job.rows.subarray(0, job.offsets.length * ROW_WORDS)
    const verdicts = await this.#verdictsOf({ prefix: this.#prefix, bytes: job.bytes, rows })
    if (this.#isClosed || verdicts === null) return
    const nowMs = performance.now()
    let invalid = 0
    for (const [index, offset] of job.offsets.entries()) {
      const listener = must(job.listeners[index], 'a listener per row')
      const reference = must(job.references[index], 'a reference per row')
      if (verdicts[index] === 1) {
        this.#add(job.bytes.subarray(offset, job.ends[index]), reference, listener, nowMs)
        continue
      }
      invalid++
      this.#nonces.release(job.buffer, offset)
      this.#refuse(listener, reference, refusalCode.BAD_SIGNATURE)
    }
    this.#ports.observe.checked(job.offsets.length - invalid, invalid)
    this.tryPack()
  }

  /** Null when the pool is closing: the process is on its way out. */
  async #verdictsOf(job: {
    prefix: Uint8Array
    bytes: Uint8Array
    rows: Uint32Array
  }): Promise<Uint8Array | null> {
    try {
      return await this.#ports.pool.verify(job)
    } catch (error) {
      if (this.#isClosed) return null
      throw error
    }
  }

  #add(
    transaction: Uint8Array,
    reference: number,
    listener: SubmitListener | null,
    nowMs: number,
  ): void {
    if (!this.#packer.hasRoomFor(transaction.length)) this.#sealed.push(this.#packer.take(nowMs))
    this.#packer.add(transaction, reference, listener, nowMs)
  }

  #hand(packed: PackedBatch): void {
    const count = packed.listeners.filter((listener) => listener !== null).length
    this.#pending -= count
    this.#limit.onLeft(count, performance.now())
    this.#unlogged.push(packed)
    const bodyHash = createHash('sha256').update(packed.body).digest('hex') as Hash
    this.#ports.pack({ body: packed.body, bodyHash, count: packed.ends.length })
  }

  #repack(transaction: Uint8Array, buffer: Buffer, offset: number): void {
    const validUntil = buffer.readUInt32BE(offset + offsetOf.validUntil)
    if (validUntil <= this.#ports.executedHeight()) this.#nonces.release(buffer, offset)
    else this.#add(transaction, 0, null, performance.now())
  }

  #refuse(listener: SubmitListener, reference: number, code: RefusalCode): void {
    this.#pending--
    listener.onRefused(reference, code)
  }
}
