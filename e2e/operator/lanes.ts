import type { ClusterOptions } from '../cluster/cluster.ts'
import { Stage } from './stage.ts'

/** Lives that go on beside each other, each in a namespace of its own: most of a life is waiting for the cluster. */
const LANES = 6

/** Some stages on one cluster. Each has one life at a time. */
export class Lanes {
  readonly stages: readonly Stage[]
  readonly #idle: Stage[]
  readonly #waiting: ((stage: Stage) => void)[] = []

  private constructor(stages: readonly Stage[]) {
    this.stages = stages
    this.#idle = [...stages]
  }

  static async open(options: ClusterOptions): Promise<Lanes> {
    const proportions = { bindsVolumes: false }
    const first = await Stage.set({ fakeNodes: { count: 12 }, proportions, ...options })
    try {
      const stages = [first]
      while (stages.length < LANES) stages.push(await first.beside(`lane-${stages.length}`))
      return new Lanes(stages)
    } catch (error) {
      await first.stop()
      throw error
    }
  }

  /** Does something on a stage that nobody else is on. */
  async on<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
    const stage =
      this.#idle.shift() ?? (await new Promise<Stage>((resolve) => this.#waiting.push(resolve)))
    try {
      return await work(stage)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#idle.push(stage)
      else next(stage)
    }
  }

  async stop(): Promise<void> {
    await this.stages[0]?.stop()
  }
}

/** A case of many, such as one write at which an operator is killed. */
export interface Attempt {
  /** A life does not always come to the moment that the case is about. */
  readonly isReached: boolean
  readonly problems: readonly string[]
}

export interface Coverage {
  readonly covered: number
  /** Names of cases that no life came to. */
  readonly missed: readonly string[]
  readonly failures: readonly string[]
}

const TRIES = 3

/** Tries cases, in their order, until as many as wanted were come to: for one that is not, the next one is taken. */
export async function cover<T extends { readonly name: string }>(
  lanes: Lanes,
  cases: readonly T[],
  wanted: number,
  attempt: (stage: Stage, each: T) => Promise<Attempt>,
): Promise<Coverage> {
  const waiting = cases.map((each) => ({ each, tries: 1 }))
  const failures: string[] = []
  const missed: string[] = []
  let [covered, running] = [0, 0]
  const worker = async (): Promise<void> => {
    while (covered + running < wanted) {
      const next = waiting.shift()
      if (next === undefined) return
      const { each, tries } = next
      running++
      let seconds = '0'
      const { isReached, problems } = await lanes.on(async (stage) => {
        const startedAt = performance.now()
        const seen = await attempt(stage, each).catch(failed)
        seconds = ((performance.now() - startedAt) / 1_000).toFixed(0)
        return seen
      })
      running--
      failures.push(...problems.map((line) => `${each.name}: ${line}`))
      if (isReached) covered++
      // Where all are wanted there is none to take instead.
      else if (wanted === cases.length && tries < TRIES) waiting.push({ each, tries: tries + 1 })
      else missed.push(each.name)
      const words = problems.length > 0 ? 'failed' : isReached ? 'passed' : 'not come to'
      console.log(`${words}: ${each.name} (${seconds} s)`)
    }
  }
  await Promise.all(lanes.stages.map(worker))
  return { covered, missed, failures }
}

/** With its cause, which says what was waited for; the error itself has the operator's last words. */
function failed(error: unknown): Attempt {
  const text = error instanceof Error ? `${error.message}\n${String(error.cause)}` : String(error)
  return { isReached: true, problems: [text] }
}

/** A line that says how many of all cases were taken. */
export function coverageText(
  what: string,
  { covered, missed }: Coverage,
  all: number,
  seed: number,
): string {
  const instead = missed.length === 0 ? '' : `; not come to: ${missed.join('; ')}`
  return `${what} ${covered} of ${all} (seed ${seed})${instead}`
}
