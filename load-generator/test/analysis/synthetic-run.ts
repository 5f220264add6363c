import { Slices, type SliceColumns } from '../../src/analysis/slices.ts'
import type { Served } from './queue-server.ts'

/** The observations that a run would have made of a server. */
export function observed(served: readonly Served[], forMs: number): SliceColumns {
  const slices = new Slices(1)
  for (const { scheduledMs } of served) slices.offered(scheduledMs)
  const done = served.filter(({ committedMs }) => committedMs !== null)
  for (const { scheduledMs, committedMs } of done) slices.committed(scheduledMs, committedMs ?? 0)
  return slices.columns(forMs)
}

/** Park–Miller, for series that need no server. */
function chance(seed: number): () => number {
  let state = (seed * 7_919 + 17) % 2_147_483_647 || 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

export function normals(seed: number): () => number {
  const unit = chance(seed)
  return () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit())
}

/** First-order autoregression around zero with unit variance. */
export function autoregression(seed: number, length: number, memory: number): number[] {
  const normal = normals(seed)
  let value = normal()
  return Array.from({ length }, () => {
    value = memory * value + Math.sqrt(1 - memory * memory) * normal()
    return value
  })
}
