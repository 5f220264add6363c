import type { Random } from './random.ts'

/** How the links of a world behave by themselves; partitions and the like come from the faults. */
export interface NetworkPlan {
  /** Least delay of any message. */
  readonly delayMinMs: number
  /** Mean of what comes on top. */
  readonly delayMeanMs: number
  readonly dropRate: number
  /** Chance that a message takes a heavy-tailed delay (Pareto) instead. */
  readonly tailRate: number
  readonly tailMaxMs: number
  readonly duplicateRate: number
  /** Chance that a message is delivered again seconds or minutes later. */
  readonly replayRate: number
}

/** The links while everything is well. */
export const HEALTHY_NETWORK: NetworkPlan = {
  delayMinMs: 0.2,
  delayMeanMs: 2,
  dropRate: 0,
  tailRate: 0,
  tailMaxMs: 0,
  duplicateRate: 0,
  replayRate: 0,
}

/** Each seed has its own subset of troubles, and its own measure of each (swarm testing, Groce et al., 2012). */
export function drawNetworkPlan(random: Random): NetworkPlan {
  const some = (share: number, rates: readonly number[]) =>
    random.chance(share) ? random.pick(rates) : 0
  return {
    delayMinMs: random.pick([0.2, 0.2, 1]),
    delayMeanMs: random.pick([1, 3, 10, 40]),
    dropRate: some(0.5, [0.01, 0.05, 0.15, 0.3]),
    tailRate: some(0.5, [0.005, 0.02, 0.1]),
    tailMaxMs: random.pick([1_000, 5_000, 20_000]),
    duplicateRate: some(0.4, [0.01, 0.05, 0.2]),
    replayRate: some(0.4, [0.002, 0.01]),
  }
}
