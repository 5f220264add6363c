import { parentPort, workerData } from 'node:worker_threads'
import { mutateOnLoad } from './mutate-source.ts'
import type { Mutant, MutantResult } from './mutant.ts'

/** A thread whose node has one bug: runs seeds until a checker finds it. */
const { mutant, seedsMax } = workerData as { readonly mutant: Mutant; readonly seedsMax: number }
const missed = mutateOnLoad(mutant.edits)
const { drawWorldPlan } = await import('../world/world-plan.ts')
const { World } = await import('../world/world.ts')

function hunt(): Omit<MutantResult, 'seconds'> {
  const [first] = missed()
  if (first !== undefined) throw new RangeError(`${first.file} was not loaded`)
  const { name } = mutant
  for (let seed = 1; seed <= seedsMax; seed++) {
    const { violation } = new World(drawWorldPlan(seed)).run()
    if (violation === null) continue
    return { name, catcher: violation.invariant, message: violation.message, seeds: seed }
  }
  return { name, catcher: null, message: '', seeds: seedsMax }
}

parentPort?.postMessage(hunt(), [])
