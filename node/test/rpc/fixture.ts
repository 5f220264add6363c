import { afterEach } from 'node:test'
import { domainHash, hashOfBytes, sha256, type Hash } from '../../src/core/primitives/hash.ts'
import { catalogue, type NodeCatalogue } from '../../src/host/metrics/catalogue.ts'
import { createMetrics, type Metrics } from '../../src/host/metrics/create-metrics.ts'
import { LiveBook } from '../../src/host/live/live-book.ts'
import type { LiveReading } from '../../src/host/live/live-view.ts'
import { CommitRing } from '../../src/host/rpc/commit-ring.ts'
import { RpcServer, type RpcServerOptions } from '../../src/host/rpc/rpc-server.ts'
import type { RpcLimits } from '../../src/host/rpc/rpc-limits.ts'
import type {
  CommitNotice,
  PreparedNotice,
  Submission,
  SubmitAnswer,
  TransactionAnswer,
  ValidatorDoor,
} from '../../src/host/rpc/validator-door.ts'

export const NETWORK_ID: Hash = domainHash('test/rpc', Uint8Array.of(1))

/** A validator that does what the test says. */
export class FakeDoor implements ValidatorDoor {
  readonly identity = {
    networkId: NETWORK_ID,
    shard: 1,
    validator: 2,
    shards: 4,
    validatorsPerShard: 7,
    softwareVersion: '0.1.0',
  }
  readonly ring: CommitRing
  readonly submissions: Submission[] = []
  readonly prepared = new Set<(notice: PreparedNotice) => void>()
  notReady: string | null = null
  height = 0
  /** What becomes of a submission; by default all of it is acknowledged in the next turn. */
  onSubmit: (submission: Submission) => SubmitAnswer = ({ listener, firstReference, count }) => {
    setImmediate(() => listener.onAcknowledged(firstReference, count))
    return { kind: 'taken' }
  }
  failure: Error | null = null

  constructor(noticesMax = 100) {
    this.ring = new CommitRing({ noticesMax, bytesMax: 50_000_000 })
  }

  status() {
    return {
      view: 9,
      committedHeight: this.height,
      executedHeight: this.height,
      notReady: this.notReady,
    }
  }

  submit(submission: Submission): SubmitAnswer {
    this.submissions.push(submission)
    return this.onSubmit(submission)
  }

  account(address: Uint8Array) {
    if (this.failure !== null) return Promise.reject(this.failure)
    const account = {
      height: this.height,
      balance: 12_345_678_901_234_567n,
      nonceBase: 3,
      nonceBitmap: 5n,
      proof: null,
    }
    return Promise.resolve(address[0] === 1 ? account : null)
  }

  cell(key: Uint8Array) {
    const cell = { height: this.height, value: Uint8Array.of(key[1] ?? 0, 255), proof: null }
    return Promise.resolve(key[0] === 1 ? cell : null)
  }

  transaction(): Promise<TransactionAnswer | null> {
    return Promise.resolve(null)
  }

  block(): Promise<null> {
    return Promise.resolve(null)
  }

  certificate(): Promise<null> {
    return Promise.resolve(null)
  }

  peers() {
    return [
      {
        shard: 1,
        validator: 0,
        address: '127.0.0.1:1',
        isConnected: true,
        queuedBytes: 0,
        lastError: null,
      },
    ]
  }

  live(): LiveReading {
    const { identity } = this
    const record = new LiveBook(() => 0).record
    return {
      identity,
      status: this.status(),
      timeMs: 0,
      record,
      peers: this.peers(),
      outboxes: [],
    }
  }

  networkParameters() {
    return { viewTimeoutMs: 2000 }
  }

  events(fromHeight: number): readonly CommitNotice[] {
    return this.ring.from(fromHeight)
  }

  event(height: number): CommitNotice | null {
    return this.ring.at(height)
  }

  subscribeCommits(listener: (notice: CommitNotice) => void) {
    return this.ring.subscribe(listener)
  }

  subscribePrepared(listener: (notice: PreparedNotice) => void) {
    this.prepared.add(listener)
    return () => void this.prepared.delete(listener)
  }

  /** Commits the next height with an event of that many bytes. */
  commit(eventBytes = 100): CommitNotice {
    this.height++
    const event = new Uint8Array(eventBytes).fill(this.height)
    const notice = {
      height: this.height,
      blockHash: domainHash('test/block', event.subarray(0, 1)),
      event,
      digest: hashOfBytes(sha256(event)),
    }
    this.ring.push(notice)
    return notice
  }
}

/** A running server around a fake validator. */
export interface Running {
  readonly door: FakeDoor
  readonly server: RpcServer
  readonly metrics: Metrics<NodeCatalogue>
  readonly address: string
  readonly port: number
  readonly errors: unknown[]
}

const running: RpcServer[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop()
})

/** Starts a server on a free port; stopped after the test. */
export async function startServer(
  limits: Partial<RpcLimits> = {},
  options: Partial<RpcServerOptions> & { door?: FakeDoor } = {},
): Promise<Running> {
  const door = options.door ?? new FakeDoor()
  const errors: unknown[] = []
  const metrics = createMetrics(catalogue)
  const server = new RpcServer({
    door,
    metrics,
    listen: { port: 0 },
    limits,
    onError: (error) => errors.push(error),
    ...options,
  })
  await server.start()
  running.push(server)
  const { host, port } = server.address
  return { door, server, metrics, address: `${host}:${port}`, port, errors }
}

/** One series of a scrape. */
export async function valueOf(metrics: Metrics<NodeCatalogue>, series: string): Promise<number> {
  const line = (await metrics.render()).split('\n').find((text) => text.startsWith(`${series} `))
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1))
}
