import { z } from 'zod'
import { hexOf } from '@shardnet/node/core'
import { ACCOUNT_ROW_BYTES, LoadError, type LoadNetwork, type Target } from './network.ts'
import type { NonceBook } from './nonces.ts'

/** Calls that a validator takes in one request. */
const CALLS_PER_REQUEST = 10
const REQUESTS_AT_ONCE = 8
const REQUEST_TIMEOUT_MS = 10_000

const Answers = z.array(
  z.object({
    id: z.int(),
    result: z.object({ nonceBase: z.int(), nonceBitmap: z.string() }).nullable(),
  }),
)

/**
 * Asks where every account stands, for a testnet that has run before. One validator's word is enough: a wrong one only
 * makes our own transactions fail, and failures are counted.
 * @throws LoadError when no validator of a shard answers.
 */
export async function readNonces(
  network: LoadNetwork,
  targets: readonly Target[],
  nonces: NonceBook,
  signal: AbortSignal,
): Promise<void> {
  const requests: { readonly shard: number; readonly first: number; readonly count: number }[] = []
  for (let shard = 0; shard < network.shards; shard++) {
    for (let first = 0; first < network.accountsPerShard; first += CALLS_PER_REQUEST) {
      requests.push({
        shard,
        first,
        count: Math.min(CALLS_PER_REQUEST, network.accountsPerShard - first),
      })
    }
  }
  let next = 0
  const work = async (): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const doors = targets.filter((target) => target.shard === request?.shard)
      const turned = doors
        .map((_, i) => doors[(i + next) % doors.length])
        .filter((door) => door !== undefined)
      await readSome(network, turned, { ...request, nonces, signal })
    }
  }
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, work))
}

interface NonceRequest {
  readonly shard: number
  readonly first: number
  readonly count: number
  readonly nonces: NonceBook
  readonly signal: AbortSignal
}

async function readSome(
  network: LoadNetwork,
  doors: readonly Target[],
  request: NonceRequest,
): Promise<void> {
  let cause: unknown
  const start = request.shard * network.accountsPerShard + request.first
  for (const door of doors) {
    request.signal.throwIfAborted()
    try {
      const answers = await ask(door, network.accountTable, start, request.count)
      for (const { id, result } of answers) {
        if (result !== null && id >= start && id < start + request.count) {
          request.nonces.begin(id, result.nonceBase, BigInt(result.nonceBitmap))
        }
      }
      return
    } catch (error) {
      // Another validator of the shard may answer; the last failure is told when none does.
      cause = error
    }
  }
  throw new LoadError(
    'accounts',
    `no validator of shard ${request.shard} says where its accounts stand`,
    { cause },
  )
}

async function ask(
  door: Target,
  table: Uint8Array,
  start: number,
  count: number,
): Promise<z.infer<typeof Answers>> {
  const calls = Array.from({ length: count }, (_, i) => {
    const at = (start + i) * ACCOUNT_ROW_BYTES + 32
    const params = { address: hexOf(table.subarray(at, at + 32)) }
    return { jsonrpc: '2.0', id: start + i, method: 'shardnet_getAccount', params }
  })
  const response = await fetch(`http://${door.httpAddress}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(calls),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  })
  return Answers.parse(await response.json())
}
