import { parentPort } from 'node:worker_threads'
import { program } from '../src/main.ts'
import { runIn, type WorldFaults } from './world.ts'

// Pulumi keeps a stack trace for every promise; nobody reads them here, and they are most of the time that a run takes.
Error.stackTraceLimit = 0

/** One run that a test asks for. */
export interface WorldRequest {
  readonly id: number
  readonly config: Readonly<Record<string, unknown>>
  readonly faults: WorldFaults
}

let turn: Promise<void> = Promise.resolve()

async function answer(before: Promise<void>, { id, config, faults }: WorldRequest): Promise<void> {
  await before
  const run = await runIn(config, program, faults)
  parentPort?.postMessage({ id, run }, [])
}

// The SDK has one state for the whole thread: runs take turns.
parentPort?.on('message', (request: WorldRequest) => {
  turn = answer(turn, request)
})
