import type { TestnetStatus } from '@shardnet/operator/local'
import { setTimeout as delay } from 'node:timers/promises'

const LOOK_EVERY_MS = 50

/** Waits until every shard has committed a block. The client is loaded here, while validators start. */
export async function waitForFirstBlock(status: TestnetStatus, signal: AbortSignal): Promise<void> {
  const { RpcClient, RpcCallError } = await import('@shardnet/node/client')
  const byShard = new Map(status.validators.map(({ shard, httpAddress }) => [shard, httpAddress]))
  await Promise.all(
    [...byShard.values()].map(async (address) => {
      const client = new RpcClient(address)
      for (;;) {
        try {
          const { committedHeight } = await client.status({ signal })
          if (committedHeight > 0) return
        } catch (error) {
          if (!(error instanceof RpcCallError)) throw error // It may be restarting: the next look tells.
        }
        await delay(LOOK_EVERY_MS, undefined, { signal })
      }
    }),
  )
}
