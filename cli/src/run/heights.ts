import { RpcCallError, RpcClient } from '@shardnet/node/client'
import type { TestnetStatus, ValidatorStatus } from '@shardnet/operator/local'

const ANSWER_MS = 2_000

/** Committed height of every shard, as its furthest validator says; null where none answers. */
export async function heightsOf(status: TestnetStatus): Promise<readonly (number | null)[]> {
  const heights: (number | null)[] = Array.from({ length: status.network?.shards ?? 0 }, () => null)
  await Promise.all(
    status.validators.map(async (validator) => {
      const height = await heightOf(validator)
      if (height !== null)
        heights[validator.shard] = Math.max(height, heights[validator.shard] ?? 0)
    }),
  )
  return heights
}

/** Committed height of one validator; null when it does not answer. */
export async function heightOf({ httpAddress, state }: ValidatorStatus): Promise<number | null> {
  if (state !== 'ready') return null
  try {
    const reply = await new RpcClient(httpAddress).status({ timeoutMs: ANSWER_MS })
    return reply.committedHeight
  } catch (error) {
    if (error instanceof RpcCallError) return null
    throw error
  }
}
