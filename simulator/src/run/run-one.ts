import { createWorld } from '../adversary/lying-world.ts'
import type { RunResult, World } from '../world/world.ts'
import { InputError } from './input-error.ts'
import { planWithout, shrink, troublesOf } from './shrink.ts'

const LINES_SHOWN = 40

/** Runs one seed; with a trace, every line goes to `say` as it happens. */
export function runOne(
  seed: number,
  options: { readonly isTraced: boolean; readonly without: readonly string[] },
  say: (line: string) => void,
): RunResult {
  const { isTraced, without } = options
  const known = troublesOf(planWithout(seed, []))
  const unknown = without.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new InputError([
      `--without: the world of seed ${seed} has no ${unknown.join(', ')}; it has ${known.join(', ')}`,
    ])
  }
  const plan = planWithout(seed, without)
  const world: World = createWorld(plan, isTraced ? stamped(say, () => world.queue.nowMs) : null)
  return world.run()
}

/** Says which promise broke, the shortest trace that still breaks it, and how to see it again. */
export function describeFailure(seed: number, invariant: string, message: string): string {
  const { without, result, runs } = shrink(seed, invariant)
  const lines: string[] = []
  const world: World = createWorld(
    planWithout(seed, without),
    stamped(
      (line) => {
        lines.push(line)
        if (lines.length > LINES_SHOWN) lines.shift()
      },
      () => world.queue.nowMs,
    ),
  )
  world.run()
  const left = troublesOf(planWithout(seed, without))
  const words = without.length === 0 ? '' : ` --without "${without.join(',')}"`
  return [
    `seed ${seed} breaks ${invariant}: ${message}`,
    `after ${runs} runs: ${result.events} events with ${left.length === 0 ? 'no trouble at all' : left.join(', ')} are enough; their end:`,
    ...lines.map((line) => `  ${line}`),
    `repeat: npm run sim -- --seed ${seed} --trace${words}`,
  ].join('\n')
}

function stamped(say: (line: string) => void, nowMs: () => number): (line: string) => void {
  return (line) => say(`${(nowMs() / 1_000).toFixed(6).padStart(12)} ${line}`)
}
