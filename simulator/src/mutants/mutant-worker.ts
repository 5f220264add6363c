import { parentPort, workerData } from 'node:worker_threads'
import { mutateOnLoad } from './mutate-source.ts'
import type { Violation } from '../checkers/verdict.ts'
import type { Mutant, MutantResult } from './mutant.ts'

/** A thread whose node has one bug: runs seeds, each with a few Twins scenarios beside it, until a checker finds it. */
const { mutant, seedsMax } = workerData as { readonly mutant: Mutant; readonly seedsMax: number }
const missed = mutateOnLoad(mutant.edits)
const { drawWorldPlan } = await import('../world/world-plan.ts')
const { createWorld } = await import('../adversary/lying-world.ts')
const { drawTwinsPlan } = await import('../twins/twins-plan.ts')
const { TwinsWorld } = await import('../twins/twins-world.ts')

/** Scenarios beside a seed: together they cost less than it does. */
const TWINS_PER_SEED = 4

function inTwins(seed: number): Violation | null {
  for (let scenario = 0; scenario < TWINS_PER_SEED; scenario++) {
    const { violation } = new TwinsWorld(drawTwinsPlan(TWINS_PER_SEED * seed + scenario)).run()
    if (violation !== null) return { ...violation, invariant: `${violation.invariant}, Twins` }
  }
  return null
}

function hunt(): Omit<MutantResult, 'seconds'> {
  const [first] = missed()
  if (first !== undefined) throw new RangeError(`${first.file} was not loaded`)
  const { name } = mutant
  for (let seed = 1; seed <= seedsMax; seed++) {
    const { violation } = createWorld(drawWorldPlan(seed)).run()
    const found = violation ?? inTwins(seed)
    if (found === null) continue
    return { name, catcher: found.invariant, message: found.message, seeds: seed }
  }
  return { name, catcher: null, message: '', seeds: seedsMax }
}

parentPort?.postMessage(hunt(), [])
