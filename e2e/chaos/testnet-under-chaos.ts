import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type StatusReply, RpcCallError, RpcClient } from '@shardnet/node/client'
import { FaultPlan } from '@shardnet/operator/api'
import {
  clearFaults,
  type FaultStatus,
  faultsOf,
  LocalError,
  type LocalPlace,
  putFaults,
  statusOf,
  type TestnetStatus,
  type ValidatorStatus,
} from '@shardnet/operator/local'

/** Where a validator sits. */
export interface Seat {
  readonly shard: number
  readonly validator: number
}

const LOOK_EVERY_MS = 100
const ANSWER_MS = 2_000
/** Each asking takes up to 15 s by itself. */
const ASKED_TIMES_MAX = 8
/** Nothing that should happen may take longer, on a machine that is ten times slower than a laptop. */
export const WAIT_MS_MAX = 120_000

/** Something that should happen did not, in a time that is no question of speed any more. */
export class StuckError extends Error {
  override readonly name = 'StuckError'
}

/** A testnet of real processes, as the steps of a run handle it: faults through its supervisor, looks through its doors. */
export class TestnetUnderChaos {
  readonly name: string
  readonly #place: LocalPlace
  readonly #signal: AbortSignal

  constructor(place: LocalPlace, name: string, signal: AbortSignal) {
    this.#place = place
    this.name = name
    this.#signal = signal
  }

  status(): Promise<TestnetStatus> {
    return this.#patiently(() => statusOf(this.#place, this.name))
  }

  /** A supervisor on a machine that is too busy may answer late: it is asked again. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let turn = 1; ; turn++) {
      try {
        return await ask()
      } catch (error) {
        const isLate = error instanceof LocalError && error.code === 'notRunning'
        if (!isLate || turn >= ASKED_TIMES_MAX) throw error
        await delay(LOOK_EVERY_MS, undefined, { signal: this.#signal })
      }
    }
  }

  async validator(seat: Seat): Promise<ValidatorStatus> {
    const { validators } = await this.status()
    const found = validators.find(
      ({ shard, validator }) => shard === seat.shard && validator === seat.validator,
    )
    if (found === undefined) throw new StuckError(`there is no ${seat.shard}/${seat.validator}`)
    return found
  }

  /** Puts one fault in; it has begun when this resolves. */
  async put(fault: Readonly<Record<string, unknown>>): Promise<FaultStatus> {
    const plans = [FaultPlan.parse(fault)]
    const [put] = await this.#patiently(() => putFaults(this.#place, this.name, plans))
    if (put === undefined) throw new StuckError('the supervisor took no fault')
    return put
  }

  /** A fault as it stands now. */
  async fault(id: string): Promise<FaultStatus> {
    const all = await this.#patiently(() => faultsOf(this.#place, this.name))
    const found = all.find((each) => each.id === id)
    if (found === undefined) throw new StuckError(`the supervisor forgot fault ${id}`)
    return found
  }

  async clear(id: string | null): Promise<void> {
    await this.#patiently(() => clearFaults(this.#place, this.name, id))
  }

  /** Ends a validator with SIGKILL and keeps it down until the returned function is called. */
  async hold(seat: Seat): Promise<() => Promise<void>> {
    const selector = { shards: [seat.shard], validators: [seat.validator] }
    const { id } = await this.put({ action: 'kill', for: '2h', selector })
    await this.until(`${nameOf(seat)} is down`, async () => {
      const { state, pid } = await this.validator(seat)
      return state === 'down' && pid === null
    })
    return () => this.clear(id)
  }

  /**
   * Waits for a fact. Its time begins anew whenever `progress` tells something else: slow is not stuck.
   * @throws {StuckError} when it does not come.
   */
  async until(
    what: string,
    isSo: () => Promise<boolean>,
    progress: () => string = () => '',
  ): Promise<void> {
    let sinceMs = performance.now()
    let told = progress()
    while (!(await isSo())) {
      const now = progress()
      if (now !== told) sinceMs = performance.now()
      told = now
      if (performance.now() - sinceMs > WAIT_MS_MAX)
        throw new StuckError(`${what}: not within ${WAIT_MS_MAX / 1_000} s ${told}`.trimEnd())
      await delay(LOOK_EVERY_MS, undefined, { signal: this.#signal })
    }
  }

  /** What a validator says of itself; null when it does not answer. */
  async look({ httpAddress }: Pick<ValidatorStatus, 'httpAddress'>): Promise<StatusReply | null> {
    try {
      return await new RpcClient(httpAddress).status({ timeoutMs: ANSWER_MS })
    } catch (error) {
      if (error instanceof RpcCallError) return null
      throw error
    }
  }

  /** Committed height of a shard, as its furthest validator says. */
  async heightOf(shard: number): Promise<number> {
    const { validators } = await this.status()
    const asked = validators.filter((each) => each.shard === shard && each.state === 'ready')
    const replies = await Promise.all(asked.map((each) => this.look(each)))
    return Math.max(0, ...replies.map((reply) => reply?.committedHeight ?? 0))
  }

  /** Waits until a validator is ready, has a quorum of peers, and executed what its shard had committed by now. */
  async untilInSync(seat: Seat): Promise<void> {
    const target = await this.heightOf(seat.shard)
    let seen = ''
    const isInSync = async (): Promise<boolean> => {
      const status = await this.validator(seat)
      if (status.state !== 'ready') {
        seen = `(${status.state}, ${status.restarts} restarts, last: ${status.lastEnd})`
        return false
      }
      const reply = await this.look(status)
      seen =
        reply === null
          ? '(no answer)'
          : `(committed ${reply.committedHeight}, executed ${reply.executedHeight}, ${reply.notReady})`
      return reply !== null && reply.notReady === null && reply.executedHeight >= target
    }
    await this.until(`${nameOf(seat)} is in sync with height ${target}`, isInSync, () => seen)
  }

  /** Frames that a validator's link rules dropped or held back since its start; 0 when it does not answer. */
  async shapedFrames(seat: Seat): Promise<number> {
    const { httpAddress } = await this.validator(seat)
    return (await this.#metric(httpAddress, 'shardnet_network_shaped_frames_total')) ?? 0
  }

  /** Messages to other shards that a validator knows no end of; null when it does not answer. */
  inFlight({ httpAddress }: Pick<ValidatorStatus, 'httpAddress'>): Promise<number | null> {
    return this.#metric(httpAddress, 'shardnet_crossshard_outbox_in_flight')
  }

  /** Sum of a metric over its labels. */
  async #metric(httpAddress: string, name: string): Promise<number | null> {
    try {
      const { text } = await new RpcClient(httpAddress).get('/metrics', { timeoutMs: ANSWER_MS })
      const lines = text.matchAll(new RegExp(`^${name}\\{[^}]*\\} ([0-9.e+]+)$`, 'gm'))
      return [...lines].reduce((sum, [, count]) => sum + Number(count), 0)
    } catch (error) {
      if (error instanceof RpcCallError) return null
      throw error
    }
  }
}

export function nameOf({ shard, validator }: Seat): string {
  return `${shard}/${validator}`
}

/** What a log file gained since this was made. */
export class LogSince {
  readonly #file: string
  readonly #from: number

  constructor(file: string) {
    this.#file = file
    this.#from = withFile(file, (descriptor) => fstatSync(descriptor).size)
  }

  text(): string {
    return withFile(this.#file, (descriptor) => {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - this.#from))
      readSync(descriptor, bytes, 0, bytes.length, this.#from)
      return bytes.toString('utf8')
    })
  }
}

function withFile<T>(file: string, read: (descriptor: number) => T): T {
  const descriptor = openSync(file, 'r')
  try {
    return read(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
