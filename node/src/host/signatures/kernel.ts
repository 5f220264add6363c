import { randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { must, mustHold } from '../../core/errors.ts'
import { equalBytes } from '../../core/primitives/bytes.ts'
import { ROW_WORDS, rowCount } from './signature-job.ts'
import type { SignatureJob } from './signature-job.ts'

/** Which build of native/ is live; shown in the log and in a metric. */
export const kernelName = 'wasm'

/** Largest job or key derivation in bytes, rows and verdicts included; `INPUT_BYTES_MAX` in native/src/webassembly.rs. */
export const KERNEL_INPUT_BYTES_MAX = 16 * 1024 * 1024

const ARTEFACT = new URL('../../../../native/kernel.wasm', import.meta.url)
const DOOR_VERSION = 1
const SEED_BYTES = 32
const KEY_BYTES = 32
const ROW_BYTES = 16
/** Key and signature have fixed lengths; the message's is the last word of its row. */
const PART_BYTES: readonly (number | undefined)[] = [KEY_BYTES, 64]
const REFUSALS: readonly string[] = [
  '',
  'the input is too short',
  'a row points outside of the arena',
]

type KernelFunctions = {
  readonly memory: WebAssembly.Memory
  readonly door_version: () => number
  readonly reserve_input: (bytes: number) => number
  readonly verify_rows: (
    allOrNone: number,
    rows: number,
    prefixBytes: number,
    arenaBytes: number,
  ) => number
  readonly single_checks: () => number
  readonly derive_public_keys: (keys: number) => number
}

/** Compiles the committed artefact; a module is passed to worker threads, which then need not compile it again. */
export function compileKernel(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(ARTEFACT))
}

/**
 * One instance of the signature kernel, synchronous and single-threaded. Its memory grows to the largest input it was
 * given, at most `KERNEL_INPUT_BYTES_MAX`, with the working space below 64 MiB, and never shrinks.
 */
export class SignatureKernel {
  readonly #functions: KernelFunctions

  private constructor(functions: KernelFunctions) {
    this.#functions = functions
  }

  /** Starts an instance from the committed artefact, or from a module compiled before. */
  static load(module: WebAssembly.Module = compileKernel()): SignatureKernel {
    // The artefact is ours and has no imports: its shape is what native/src/webassembly.rs says.
    const functions = new WebAssembly.Instance(module).exports as unknown as KernelFunctions
    mustHold(functions.door_version() === DOOR_VERSION, 'native/kernel.wasm is of another version')
    return new SignatureKernel(functions)
  }

  /**
   * One byte per row: 1 when the signature holds by ZIP-215, 0 when not. The bytes are copied once before anything is
   * read, so shared memory that changes meanwhile cannot split a verdict. Defect: rows that point outside of the bytes.
   */
  verifyRows(job: SignatureJob): Uint8Array<ArrayBuffer> {
    return this.#verify(job.prefix, [job], job.verdict === 'all')
  }

  /**
   * The same verdicts as `verifyRows` for each job, from one call of the kernel when every row of every job holds: large
   * batches are cheaper per signature. A wrong row costs the jobs beside it a second check, so only jobs that name their
   * author, and end his credit when they are wrong, go together.
   */
  verifyTogether(jobs: readonly SignatureJob[]): readonly Uint8Array<ArrayBuffer>[] {
    const [first] = jobs
    if (first === undefined) return []
    const isOnePrefix = jobs.every(({ prefix }) => equalBytes(prefix, first.prefix))
    if (jobs.length > 1 && isOnePrefix && this.#verify(first.prefix, jobs, true)[0] === 1)
      return jobs.map((job) => new Uint8Array(rowCount(job)).fill(1))
    return jobs.map((job) => this.verifyRows(job))
  }

  /** Verdicts of all rows, job after job; with `allOrNone` they are all the same. */
  #verify(
    prefix: Uint8Array,
    jobs: readonly SignatureJob[],
    allOrNone: boolean,
  ): Uint8Array<ArrayBuffer> {
    const count = jobs.reduce((sum, job) => sum + rowCount(job), 0)
    const arenaBytes = jobs.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const verdictsAt = SEED_BYTES + count * ROW_BYTES
    const prefixAt = verdictsAt + count
    const arenaAt = prefixAt + prefix.length
    const input = this.#reserve(arenaAt + arenaBytes)
    // Fresh for each call and from this process alone: a peer who knew it could forge a batch.
    randomFillSync(input, 0, SEED_BYTES)
    input.set(prefix, prefixAt)
    let rowAt = SEED_BYTES
    let base = 0
    for (const { bytes, rows } of jobs) {
      const moved = jobs.length === 1 ? rows : movedRows(rows, base, bytes.length)
      input.set(new Uint8Array(moved.buffer, moved.byteOffset, moved.byteLength), rowAt)
      input.set(bytes, arenaAt + base)
      rowAt += rows.byteLength
      base += bytes.length
    }
    this.#mustSucceed(
      this.#functions.verify_rows(allOrNone ? 1 : 0, count, prefix.length, arenaBytes),
    )
    return this.#answer(verdictsAt, count)
  }

  /** Rows that had to be checked alone since the start, modulo 2^32: what forgeries cost this instance. */
  get singleChecks(): number {
    return this.#functions.single_checks() >>> 0
  }

  /** Public keys of 32-byte seeds laid end to end (RFC 8032, section 5.1.5), in the same order. */
  derivePublicKeys(seeds: Uint8Array): Uint8Array<ArrayBuffer> {
    mustHold(seeds.length % KEY_BYTES === 0, 'seeds have 32 bytes each')
    this.#reserve(seeds.length).set(seeds)
    this.#mustSucceed(this.#functions.derive_public_keys(seeds.length / KEY_BYTES))
    return this.#answer(0, seeds.length)
  }

  #reserve(byteLength: number): Uint8Array<ArrayBuffer> {
    mustHold(
      byteLength <= KERNEL_INPUT_BYTES_MAX,
      `signature input of ${byteLength} bytes is too large`,
    )
    // WebAssembly answers signed numbers.
    const address = this.#functions.reserve_input(byteLength) >>> 0
    mustHold(address !== 0, 'the signature kernel ran out of memory')
    return new Uint8Array(this.#functions.memory.buffer, address, byteLength)
  }

  /** The memory may have grown, and moved, during the call: the view is made anew and its part copied out. */
  #answer(at: number, byteLength: number): Uint8Array<ArrayBuffer> {
    const address = this.#functions.reserve_input(0) >>> 0
    return new Uint8Array(this.#functions.memory.buffer, address + at, byteLength).slice()
  }

  #mustSucceed(status: number): void {
    if (status === 0) return
    mustHold(false, `signature kernel: ${must(REFUSALS[status], 'a known status')}`)
  }
}

/**
 * Rows for bytes that lie `base` further on. Defect: a row that points outside of its own job's bytes, which the kernel
 * could not see any more.
 */
function movedRows(rows: Uint32Array, base: number, byteLength: number): Uint32Array {
  const moved = new Uint32Array(rows)
  for (let at = 0; at < moved.length; at += ROW_WORDS) {
    for (let word = 0; word < ROW_WORDS - 1; word++) {
      const offset = moved[at + word] ?? 0
      const length = PART_BYTES[word] ?? moved[at + ROW_WORDS - 1] ?? 0
      mustHold(offset + length <= byteLength, 'a row points outside of the arena')
      moved[at + word] = offset + base
    }
  }
  return moved
}
