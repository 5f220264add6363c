import { domainHash } from '../../src/core/primitives/hash.ts'
import { resultCode } from '../../src/core/wire/result-code.ts'
import type { LiveBook, LiveExecution } from '../../src/host/live/live-book.ts'
import type { LiveReading } from '../../src/host/live/live-view.ts'
import type { PeerAnswer } from '../../src/host/rpc/validator-door.ts'

/** A block of one batch with so many transactions of the result OK and so many STALE, the last ones. */
export function executionOf(
  height: number,
  committed: number,
  extra: { readonly stale?: number; readonly importsFrom?: number } = {},
): LiveExecution {
  const { stale = 0, importsFrom } = extra
  const count = committed + stale
  const results = new Uint8Array(count).fill(resultCode.stale, committed)
  const tags = new Uint8Array(8 * count)
  for (let at = 0; at < count; at++) tags.set([height, at], 8 * at)
  const credit = { source: importsFrom ?? 0, count: 1, tags: Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9) }
  const resultCounts = [committed, 0, stale]
  return {
    hash: domainHash('test/live', Uint8Array.of(height)),
    proposal: { header: { view: height + 2, proposer: height % 4, timeMs: 1000 * height } },
    imports: importsFrom === undefined ? [] : [{ header: { shard: importsFrom, height: 77 } }],
    executed: {
      height,
      event: {
        batches: count === 0 ? [] : [{ author: 3, count, tags, results }],
        credits: importsFrom === undefined ? [] : [credit],
      },
      resultCounts,
    },
  }
}

export function peerOf(shard: number, validator: number, isConnected = true): PeerAnswer {
  return {
    shard,
    validator,
    address: `127.0.0.1:${1000 + validator}`,
    isConnected,
    queuedBytes: isConnected ? 0 : 2048,
    lastError: isConnected ? null : 'refused',
  }
}

/** A reading of shard 1 of 3, validator 0 of 4. */
export function readingOf(book: LiveBook, changes: Partial<LiveReading> = {}): LiveReading {
  return {
    identity: {
      networkId: domainHash('test/live', Uint8Array.of()),
      shard: 1,
      validator: 0,
      shards: 3,
      validatorsPerShard: 4,
      softwareVersion: '0.1.0',
    },
    status: { view: 9, committedHeight: 8, executedHeight: 7, notReady: null },
    timeMs: 5_000,
    record: book.record,
    peers: [peerOf(1, 1), peerOf(1, 2, false), peerOf(1, 3), peerOf(0, 0), peerOf(2, 0, false)],
    outboxes: [
      { shard: 0, inFlight: 5 },
      { shard: 2, inFlight: 0 },
    ],
    ...changes,
  }
}
