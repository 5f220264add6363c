import type { NetworkPlan } from '../world/network-plan.ts'
import { drawWorldPlan, type PlanChanges, type WorldPlan } from '../world/world-plan.ts'
import { createWorld } from '../adversary/lying-world.ts'
import type { RunResult } from '../world/world.ts'

/** Troubles of the network that a world can be without, by the name on the command line. */
const NETWORK_TROUBLES: Readonly<Record<string, Partial<NetworkPlan>>> = {
  drop: { dropRate: 0 },
  'heavy tail': { tailRate: 0 },
  duplicate: { duplicateRate: 0 },
  'late replay': { replayRate: 0 },
}

/** A failure with as few troubles as it could be had with. */
export interface Shrunk {
  readonly without: readonly string[]
  readonly result: RunResult
  readonly runs: number
}

/** Names of the troubles that a seed's world has, and that `--without` takes. */
export function troublesOf(plan: WorldPlan): string[] {
  const network = Object.entries(NETWORK_TROUBLES).filter(([, calm]) =>
    Object.keys(calm).some((rate) => plan.network[rate as keyof NetworkPlan] !== 0),
  )
  const odd = plan.load.oddShare > 0 ? ['odd transfers'] : []
  const cross = plan.load.crossShare > 0 && plan.shards > 1 ? ['cross-shard transfers'] : []
  const liars = plan.liars === 'none' ? [] : [plan.liars]
  return [...plan.faults.keys(), ...network.map(([name]) => name), ...odd, ...cross, ...liars]
}

/** The plan of a seed, short of some troubles. */
export function planWithout(
  seed: number,
  without: readonly string[],
  changes: PlanChanges = {},
): WorldPlan {
  const plan = drawWorldPlan(seed, changes)
  const isOut = (name: string) => without.includes(name)
  const calm = without.map((name) => NETWORK_TROUBLES[name] ?? {})
  const oddShare = isOut('odd transfers') ? 0 : plan.load.oddShare
  const crossShare = isOut('cross-shard transfers') ? 0 : plan.load.crossShare
  return {
    ...plan,
    faults: new Map([...plan.faults].filter(([kind]) => !isOut(kind))),
    network: Object.assign({ ...plan.network }, ...calm) as NetworkPlan,
    load: { ...plan.load, oddShare, crossShare },
    liars: isOut(plan.liars) ? 'none' : plan.liars,
  }
}

/** Leaves out one trouble after the other, as long as the same promise is still broken. */
export function shrink(seed: number, invariant: string, changes: PlanChanges = {}): Shrunk {
  let without: readonly string[] = []
  let result = createWorld(planWithout(seed, without, changes)).run()
  let runs = 1
  for (const trouble of troublesOf(drawWorldPlan(seed, changes))) {
    const fewer = [...without, trouble]
    const attempt = createWorld(planWithout(seed, fewer, changes)).run()
    runs++
    if (attempt.violation?.invariant !== invariant) continue
    without = fewer
    result = attempt
  }
  return { without, result, runs }
}
