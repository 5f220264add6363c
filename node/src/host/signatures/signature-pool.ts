import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { must, mustHold } from '../../core/errors.ts'
import { compileKernel, KERNEL_INPUT_BYTES_MAX } from './kernel.ts'
import { ROW_WORDS, rowCount } from './signature-job.ts'
import type { SignatureJob } from './signature-job.ts'

/** Why a job has no verdicts: `full` is back-pressure, `closed` an orderly end, `crashed` the end of the whole pool. */
export type SignaturePoolErrorCode = 'full' | 'closed' | 'crashed'

/** A job that was not checked; nothing is known about its signatures. */
export class SignaturePoolError extends Error {
  override readonly name = 'SignaturePoolError'
  readonly code: SignaturePoolErrorCode

  constructor(code: SignaturePoolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** How large a pool is; `jobsMax` bounds the accepted jobs that have no answer yet, those in the workers included. */
export type SignaturePoolOptions = {
  readonly workers: number
  readonly jobsMax: number
  /** Hears how long each answered job took, waiting included. */
  readonly onAnswered?: (seconds: number) => void
}

/** What waits in a worker's port is checked together with what is there when its turn comes. */
const JOBS_PER_WORKER = 32

type Verdicts = Uint8Array<ArrayBuffer>

type Outstanding = {
  readonly job: SignatureJob
  readonly acceptedAtMs: number
  readonly resolve: (verdicts: Verdicts) => void
  readonly reject: (error: SignaturePoolError) => void
}

/** A worker answers in the order it was asked, so the first job of `asked` is the one that is answered. */
type Lane = {
  readonly worker: Worker
  /** One number in shared memory, that the worker keeps. */
  readonly cpuSeconds: Float64Array
  readonly asked: Outstanding[]
}

/** Checks signatures off the calling thread. It is started, takes jobs up to a bound, and is closed once. */
export class SignaturePool {
  readonly #lanes: readonly Lane[]
  readonly #jobsMax: number
  readonly #onAnswered: (seconds: number) => void
  readonly #waiting: Outstanding[] = []
  readonly #exits: Promise<unknown>[] = []
  #jobs = 0
  #ended: SignaturePoolError | undefined
  #drained: (() => void) | undefined

  private constructor(options: SignaturePoolOptions) {
    mustHold(options.workers >= 1, 'a signature pool has at least one worker')
    mustHold(options.jobsMax >= 1, 'a signature pool takes at least one job')
    const module = compileKernel()
    this.#jobsMax = options.jobsMax
    this.#onAnswered = options.onAnswered ?? (() => undefined)
    this.#lanes = Array.from({ length: options.workers }, () => this.#startLane(module))
  }

  /** Starts the workers; they take jobs at once and compile nothing. */
  static start(options: SignaturePoolOptions): SignaturePool {
    return new SignaturePool(options)
  }

  /** Accepted jobs that have no answer yet: the gauge for back-pressure. */
  get jobs(): number {
    return this.#jobs
  }

  /** Processor time of the workers so far; unlike the times that jobs take, it does not grow while they wait for a core. */
  get cpuSeconds(): number {
    return this.#lanes.reduce((sum, { cpuSeconds }) => sum + (cpuSeconds[0] ?? 0), 0)
  }

  /**
   * One byte per row, 1 when the signature holds. Bytes and rows in shared memory are not copied here, and must stay as
   * they are until the answer; others are copied at once. Rejects with `SignaturePoolError`.
   */
  verify(job: SignatureJob): Promise<Verdicts> {
    const size = rowCount(job) * (4 * ROW_WORDS + 1) + job.prefix.length + job.bytes.length
    mustHold(size + 32 <= KERNEL_INPUT_BYTES_MAX, `a signature job of ${size} bytes is too large`)
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    if (this.#jobs >= this.#jobsMax) {
      const message = `the signature pool is full: ${this.#jobs} jobs have no answer yet`
      return Promise.reject(new SignaturePoolError('full', message))
    }
    this.#jobs += 1
    const { prefix, bytes, rows } = job
    const ours = { ...job, prefix: own(prefix), bytes: own(bytes), rows: own(rows) }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job: ours, acceptedAtMs: performance.now(), resolve, reject })
      this.#hand()
    })
  }

  /** Refuses new jobs, answers the accepted ones, and ends the workers. Never rejects; safe to call again. */
  async close(): Promise<void> {
    this.#ended ??= new SignaturePoolError('closed', 'the signature pool is closed')
    if (this.#jobs > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const earlier = this.#drained
      this.#drained = () => {
        earlier?.()
        resolve()
      }
      await promise
    }
    await this.#terminate()
  }

  /** Closes the pool at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #startLane(module: WebAssembly.Module): Lane {
    const cpuSeconds = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT))
    const worker = new Worker(new URL('signature-worker.ts', import.meta.url), {
      name: 'signatures',
      workerData: { module, cpuSeconds },
    })
    const lane: Lane = { worker, cpuSeconds, asked: [] }
    this.#exits.push(new Promise((resolve) => worker.once('exit', resolve)))
    worker.on('message', (verdicts: Verdicts) => this.#answer(lane, verdicts))
    worker.on('messageerror', (cause) => this.#crash(cause))
    worker.on('error', (cause) => this.#crash(cause))
    worker.on('exit', (code) => this.#crash(new Error(`it exited with code ${code}`)))
    return lane
  }

  #hand(): void {
    while (this.#waiting.length > 0) {
      const lane = this.#lanes.reduce((a, b) => (b.asked.length < a.asked.length ? b : a))
      if (lane.asked.length >= JOBS_PER_WORKER) return
      const next = must(this.#waiting.shift(), 'a waiting job')
      lane.asked.push(next)
      const moved = [next.job.prefix.buffer, next.job.bytes.buffer, next.job.rows.buffer]
      lane.worker.postMessage(
        next.job,
        moved.filter((buffer) => buffer instanceof ArrayBuffer),
      )
    }
  }

  #answer(lane: Lane, verdicts: Verdicts): void {
    // A crash elsewhere may have rejected the job while its answer was on the way.
    const answered = lane.asked.shift()
    if (answered === undefined) return
    this.#jobs -= 1
    this.#onAnswered((performance.now() - answered.acceptedAtMs) / 1000)
    answered.resolve(verdicts)
    this.#hand()
    if (this.#jobs === 0) this.#drained?.()
  }

  /** One crash ends the pool: the kernel is one artefact, and what broke it once may be in the next job again. */
  #crash(cause: unknown): void {
    if (this.#ended?.code === 'crashed' || (this.#ended !== undefined && this.#jobs === 0)) return
    const reason = cause instanceof Error ? cause.message : String(cause)
    const error = new SignaturePoolError('crashed', `a signature worker crashed: ${reason}`, {
      cause,
    })
    this.#ended = error
    const outstanding = [
      ...this.#lanes.flatMap((lane) => lane.asked.splice(0)),
      ...this.#waiting.splice(0),
    ]
    this.#jobs = 0
    for (const { reject } of outstanding) reject(error)
    this.#drained?.()
    void this.#terminate()
  }

  async #terminate(): Promise<void> {
    for (const { worker } of this.#lanes) void worker.terminate()
    await Promise.all(this.#exits)
  }
}

/** Shared memory goes as it is; other memory is copied, so that the caller keeps its own and only the view's part moves. */
function own<View extends Uint8Array | Uint32Array>(view: View): View {
  if (view.buffer instanceof SharedArrayBuffer) return view
  // Not `slice`: that of a Buffer is a view of the same memory.
  const copy = view instanceof Uint8Array ? new Uint8Array(view) : new Uint32Array(view)
  return copy as View
}
