import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { MUTANTS } from './bank.ts'
import type { Mutant, MutantResult } from './mutant.ts'

const NAME_COLUMN = 58
const CATCHER_COLUMN = 28

/** Hunts the mutants whose name has a text, on all cores; each has to be found within so many seeds. */
export async function runMutants(
  hunt: { readonly only: string; readonly seedsMax: number; readonly isQuick: boolean },
  say: (line: string) => void,
): Promise<readonly MutantResult[]> {
  const { only, seedsMax, isQuick } = hunt
  const waiting = MUTANTS.filter(
    ({ name, isRare }) => name.includes(only) && !(isQuick && isRare === true),
  )
  const results: MutantResult[] = []
  const runThread = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const result = await huntMutant(mutant, seedsMax)
      results.push(result)
      say(lineOf(result))
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, runThread))
  const survivors = results.filter(({ catcher }) => catcher === null)
  say(`${results.length - survivors.length} of ${results.length} seeded bugs were caught`)
  return results
}

/** Runs seeds on the node with this bug until a checker finds it. */
async function huntMutant(mutant: Mutant, seedsMax: number): Promise<MutantResult> {
  const startMs = Date.now()
  const worker = new Worker(new URL('mutant-worker.ts', import.meta.url), {
    workerData: { mutant, seedsMax },
  })
  const { promise, resolve, reject } = Promise.withResolvers<Omit<MutantResult, 'seconds'>>()
  worker.once('message', resolve)
  worker.once('error', (cause) => reject(new Error(`mutant "${mutant.name}"`, { cause })))
  try {
    const found = await promise
    return { ...found, seconds: (Date.now() - startMs) / 1_000 }
  } finally {
    await worker.terminate()
  }
}

function lineOf({ name, catcher, message, seeds, seconds }: MutantResult): string {
  const found = catcher === null ? 'SURVIVED' : catcher
  return `${name.padEnd(NAME_COLUMN)} ${found.padEnd(CATCHER_COLUMN)} ${String(seeds).padStart(5)} seeds ${seconds.toFixed(1).padStart(7)} s  ${message.slice(0, 100)}`
}
