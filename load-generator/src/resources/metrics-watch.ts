import { cpus } from 'node:os'
import type { Target } from '../network.ts'
import { readingOf, type Reading, type ValidatorReading } from './reading.ts'
import { scrape } from './scrape.ts'

/** Validators whose metrics are read: a sample of a large testnet, evenly spread, stands for all. */
const SAMPLE_MAX = 64
const ANSWER_MS = 3_000
const READINGS_MAX = 720

/** Reads the validators' metrics now and then while a run goes on. */
export class MetricsWatch {
  readonly #targets: readonly Target[]
  readonly #elapsedMs: () => number
  readonly #readings: Reading[] = []
  readonly #abort = new AbortController()
  readonly #isOneMachine: boolean
  #timer: NodeJS.Timeout | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(targets: readonly Target[], elapsedMs: () => number) {
    this.#targets = sampleOf(targets)
    this.#elapsedMs = elapsedMs
    this.#isOneMachine = targets.every(isLoopback)
  }

  /** Generator and validators run on this machine, so its processor is theirs. */
  get isOneMachine(): boolean {
    return this.#isOneMachine
  }

  get readings(): readonly Reading[] {
    return this.#readings
  }

  /** Reads now and then every so often. */
  start(everyMs: number): void {
    this.read()
    this.#timer = setInterval(() => this.read(), everyMs)
  }

  /** One reading more, unless the one before is still under way. */
  read(): void {
    this.#turn = this.#turn.then(() => this.#readAll())
  }

  /** Takes a last reading and ends. */
  async stop(): Promise<readonly Reading[]> {
    clearInterval(this.#timer)
    this.read()
    await this.#turn
    return this.#readings
  }

  /** Ends at once; what is under way is dropped. */
  close(): void {
    clearInterval(this.#timer)
    this.#abort.abort()
  }

  async #readAll(): Promise<void> {
    if (this.#abort.signal.aborted || this.#readings.length >= READINGS_MAX) return
    const atMs = this.#elapsedMs()
    const { user, system } = process.cpuUsage()
    const machineCpuSeconds = this.#isOneMachine ? busySecondsOfMachine() : null
    const validators = await Promise.all(this.#targets.map((target) => this.#readOne(target)))
    const generatorCpuSeconds = (user + system) / 1e6
    this.#readings.push({ atMs, validators, generatorCpuSeconds, machineCpuSeconds })
  }

  /** A validator that does not answer is part of what is measured, and no error. */
  async #readOne(target: Target): Promise<ValidatorReading | null> {
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(ANSWER_MS)])
    try {
      return readingOf(target, await scrape(target.httpAddress, signal))
    } catch {
      return null
    }
  }
}

function sampleOf(targets: readonly Target[]): readonly Target[] {
  if (targets.length <= SAMPLE_MAX) return targets
  return Array.from({ length: SAMPLE_MAX }, (_, i) => {
    return targets[Math.floor((i * targets.length) / SAMPLE_MAX)]
  }).filter((target) => target !== undefined)
}

function isLoopback({ httpAddress }: Target): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/.test(httpAddress)
}

function busySecondsOfMachine(): number {
  let milliseconds = 0
  for (const { times } of cpus()) milliseconds += times.user + times.nice + times.sys + times.irq
  return milliseconds / 1_000
}
