import { Worker } from 'node:worker_threads'
import type { WorldFaults, WorldRun } from './world.ts'

/** Runs the program again and again, away from the test runner: its hooks on every promise cost more than the program. */
export class Worlds {
  readonly #worker = new Worker(new URL('world-worker.ts', import.meta.url), { stdout: true })
  readonly #waiting = new Map<number, PromiseWithResolvers<WorldRun>>()
  #nextId = 1

  constructor() {
    this.#worker.on('message', ({ id, run }: { readonly id: number; readonly run: WorldRun }) => {
      this.#waiting.get(id)?.resolve(run)
      this.#waiting.delete(id)
    })
    this.#worker.on('error', (error) => {
      for (const { reject } of this.#waiting.values()) reject(error)
    })
  }

  /** Rejects when the worker itself fails, which is a mistake of the test. */
  run(config: Readonly<Record<string, unknown>>, faults: WorldFaults = {}): Promise<WorldRun> {
    const id = this.#nextId++
    const waiting = Promise.withResolvers<WorldRun>()
    this.#waiting.set(id, waiting)
    this.#worker.postMessage({ id, config, faults }, [])
    return waiting.promise
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
