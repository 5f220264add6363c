import { createHash, createPrivateKey, createPublicKey, hash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  decodeClientFrame,
  encodeServerFrame,
  STREAM_PATH,
  type EventDetail,
  type ServerFrame,
} from '@shardnet/node/client'
import { deriveAccountTable } from '@shardnet/node/config'
import {
  ByteWriter,
  bytesOfHex,
  hashOfBytes,
  hexOf,
  must,
  writeCommitEvent,
  type CommitEvent,
  type Hash,
} from '@shardnet/node/core'
import type { LoadNetwork, Target } from '../src/network.ts'

const TRANSACTION_HEAD = 64
const ITEM = 40
const SIGNATURE = 64

export interface FakeOptions {
  readonly shards: number
  readonly validatorsPerShard: number
  readonly accountsPerShard: number
  readonly blockMs: number
  /** Validators (of every shard) whose digests and events are wrong. */
  readonly liars?: readonly number[]
}

interface Session {
  readonly socket: WebSocket
  detail: EventDetail
}

interface Pooled {
  readonly bytes: Uint8Array
  readonly validator: number
}

interface Block {
  readonly height: number
  readonly bytes: Uint8Array
}

/**
 * Validators as a client sees them, without any consensus: one chain per shard, real WebSockets, blocks at a fixed pace.
 * It executes nonces exactly once and delivers credits one block later, so that a wrong count cannot pass unseen.
 */
export class FakeTestnet {
  readonly network: LoadNetwork
  readonly targets: Target[] = []
  readonly executedOk = new Set<string>()
  readonly noncesSeen = new Map<string, number[]>()
  isStalled = false
  readonly #options: FakeOptions
  readonly #validators: FakeValidator[][] = []
  readonly #chains: Block[][]
  readonly #used = new Set<string>()
  readonly #credits: { readonly source: number; readonly tag: Uint8Array }[][]
  readonly #timers: NodeJS.Timeout[] = []

  constructor(options: FakeOptions) {
    this.#options = options
    const { shards, validatorsPerShard, accountsPerShard } = options
    this.network = {
      name: 'fake',
      networkId: hashOfBytes(createHash('sha256').update('fake').digest()),
      shards,
      validatorsPerShard,
      accountsPerShard,
      genesisSeed: 'fake',
      accountTable: tableOf(shards, accountsPerShard),
    }
    this.#chains = Array.from({ length: shards }, () => [])
    this.#credits = Array.from({ length: shards }, () => [])
  }

  async start(): Promise<void> {
    const { shards, validatorsPerShard, blockMs, liars = [] } = this.#options
    for (let shard = 0; shard < shards; shard++) {
      const committee: FakeValidator[] = []
      for (let validator = 0; validator < validatorsPerShard; validator++) {
        const chain = must(this.#chains[shard], 'a chain')
        const each = new FakeValidator(
          { networkId: this.network.networkId, shard, validator },
          chain,
          liars.includes(validator),
        )
        await each.start(0)
        committee.push(each)
        this.targets.push({ shard, validator, httpAddress: `127.0.0.1:${each.port}` })
      }
      this.#validators.push(committee)
      this.#timers.push(setInterval(() => this.#makeBlock(shard), blockMs))
    }
  }

  validator(shard: number, validator: number): FakeValidator {
    return must(this.#validators[shard]?.[validator], 'a validator')
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all(this.#validators.flat().map((validator) => validator.stop()))
  }

  #makeBlock(shard: number): void {
    const committee = must(this.#validators[shard], 'a committee')
    const running = committee.filter((validator) => validator.isRunning)
    // A quorum of four with one faulty is three.
    if (this.isStalled || running.length * 3 <= committee.length * 2) return
    const chain = must(this.#chains[shard], 'a chain')
    const height = chain.length + 1
    const batches = running.flatMap((validator) =>
      this.#batchOf(shard, height, validator.takePool()),
    )
    const credits = must(this.#credits[shard], 'credits').splice(0)
    const event: CommitEvent = {
      shard,
      height,
      view: height,
      blockHash: hashOfBytes(createHash('sha256').update(`${shard}/${height}`).digest()),
      timeMs: height,
      batches,
      credits: creditOutcomes(credits),
    }
    const writer = new ByteWriter(1_024)
    writeCommitEvent(writer, event)
    const block = { height, bytes: writer.finish() }
    chain.push(block)
    for (const validator of running) validator.announce(block)
  }

  #batchOf(
    shard: number,
    height: number,
    pool: readonly Pooled[],
  ): CommitEvent['batches'][number][] {
    if (pool.length === 0) return []
    const tags = new Uint8Array(pool.length * 8)
    const results = new Uint8Array(pool.length)
    pool.forEach(({ bytes }, i) => {
      tags.set(bytes.subarray(bytes.length - SIGNATURE, bytes.length - SIGNATURE + 8), i * 8)
      results[i] = this.#execute(shard, height, bytes)
    })
    const author = pool[0]?.validator ?? 0
    const reads = new Uint8Array(0)
    return [{ author, sequence: height, count: pool.length, tags, results, reads }]
  }

  #execute(shard: number, height: number, bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const payer = hexOf(bytes.subarray(8, 40))
    const nonce = view.getUint32(44)
    if (height > view.getUint32(48)) return 1
    if (this.#used.has(`${payer}/${nonce}`)) return 2
    this.#used.add(`${payer}/${nonce}`)
    const seen = this.noncesSeen.get(payer)
    if (seen === undefined) this.noncesSeen.set(payer, [nonce])
    else seen.push(nonce)
    const tag = bytes.slice(bytes.length - SIGNATURE, bytes.length - SIGNATURE + 8)
    this.executedOk.add(hexOf(tag))
    const payeeShard = Math.floor(
      (view.getUint16(TRANSACTION_HEAD) * this.#options.shards) / 65_536,
    )
    if (payeeShard !== shard)
      must(this.#credits[payeeShard], 'credits').push({ source: shard, tag })
    return 0
  }
}

/** One door: accepts, acknowledges at once, and tells of blocks. */
export class FakeValidator {
  /** After its welcome it neither reads nor says anything, as with SIGSTOP. */
  isPaused = false
  /** Refusal code for everything, or 0. */
  refuseWith = 0
  /** Submissions answered with BUSY before any is taken. */
  busyLeft = 0
  readonly #networkId: Hash
  readonly #shard: number
  readonly #validator: number
  readonly #chain: readonly Block[]
  readonly #isLiar: boolean
  readonly #sessions = new Set<Session>()
  #pool: Pooled[] = []
  #onPooled: () => void = () => undefined
  #server: Server | null = null
  port = 0

  constructor(
    seat: { readonly networkId: Hash; readonly shard: number; readonly validator: number },
    chain: readonly Block[],
    isLiar: boolean,
  ) {
    this.#networkId = seat.networkId
    this.#shard = seat.shard
    this.#validator = seat.validator
    this.#chain = chain
    this.#isLiar = isLiar
  }

  get isRunning(): boolean {
    return this.#server !== null
  }

  async start(port = this.port): Promise<void> {
    const server = createServer()
    const sockets = new WebSocketServer({ server, path: STREAM_PATH })
    sockets.on('connection', (socket) => this.#onConnection(socket))
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    this.#server = server
    // A server that listens on a port has an address of this form.
    this.port = (server.address() as AddressInfo).port
  }

  /** Dies as with kill -9: what it had taken and no block ordered is gone. */
  async stop(): Promise<void> {
    const server = this.#server
    if (server === null) return
    this.#server = null
    this.#pool = []
    for (const session of this.#sessions) session.socket.terminate()
    this.#sessions.clear()
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  /** Resolves once it has taken something that no block ordered. */
  async whenPooled(): Promise<void> {
    if (this.#pool.length > 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onPooled = resolve
    await promise
  }

  takePool(): readonly Pooled[] {
    const pool = this.#pool
    this.#pool = []
    return pool
  }

  announce(block: Block): void {
    for (const session of this.#sessions) this.#tell(session, block)
  }

  #onConnection(socket: WebSocket): void {
    const session: Session = { socket, detail: 'none' }
    this.#sessions.add(session)
    socket.on('close', () => this.#sessions.delete(session))
    socket.on('message', (data) => this.#onMessage(session, data as Buffer))
    const { length: height } = this.#chain
    const welcome = {
      shard: this.#shard,
      validator: this.#validator,
      networkId: this.#networkId,
      height,
    }
    send(session, { kind: 'welcome', ...welcome })
  }

  #onMessage(session: Session, data: Buffer): void {
    if (this.isPaused) return
    const decoded = decodeClientFrame(new Uint8Array(data))
    if (decoded.kind === 'malformed') throw new Error(decoded.reason)
    const frame = decoded.value
    switch (frame.kind) {
      case 'subscribe':
        session.detail = frame.detail
        for (const block of this.#chain)
          if (block.height >= frame.fromHeight) this.#tell(session, block)
        return
      case 'eventRequest': {
        const block = this.#chain[frame.height - 1]
        if (block === undefined)
          return send(session, { kind: 'eventMissing', height: frame.height })
        return send(session, { kind: 'event', event: this.#told(block.bytes) })
      }
      case 'submit':
        return this.#onSubmit(session, frame.firstReference, frame.transactions)
    }
  }

  #onSubmit(session: Session, firstReference: number, bytes: Uint8Array): void {
    const size = TRANSACTION_HEAD + ITEM + SIGNATURE
    const count = bytes.length / size
    if (this.busyLeft > 0) {
      this.busyLeft -= 1
      return send(session, { kind: 'busy', firstReference, count, retryAfterMs: 50 })
    }
    if (this.refuseWith !== 0) {
      const code = this.refuseWith as 1
      const refusals = Array.from({ length: count }, (_, i) => ({
        reference: firstReference + i,
        code,
      }))
      return send(session, { kind: 'refused', refusals })
    }
    for (let i = 0; i < count; i++) {
      this.#pool.push({ bytes: bytes.slice(i * size, (i + 1) * size), validator: this.#validator })
    }
    this.#onPooled()
    send(session, { kind: 'acknowledged', ranges: [{ firstReference, count }] })
  }

  #tell(session: Session, block: Block): void {
    if (this.isPaused) return
    const bytes = this.#told(block.bytes)
    if (session.detail === 'full') send(session, { kind: 'event', event: bytes })
    if (session.detail !== 'digests') return
    const digest = hashOfBytes(bytesOfHex(hash('sha256', bytes)))
    send(session, { kind: 'eventDigest', height: block.height, blockHash: digest, digest })
  }

  /** A liar changes the time of the block: well-formed, and not what happened. */
  #told(bytes: Uint8Array): Uint8Array {
    if (!this.#isLiar) return bytes
    const changed = bytes.slice()
    changed[57] = (changed[57] ?? 0) ^ 1
    return changed
  }
}

function send(session: Session, frame: ServerFrame): void {
  if (session.socket.readyState === session.socket.OPEN)
    session.socket.send(encodeServerFrame(frame))
}

function creditOutcomes(
  credits: readonly { readonly source: number; readonly tag: Uint8Array }[],
): CommitEvent['credits'] {
  const sources = [...new Set(credits.map((credit) => credit.source))].toSorted((a, b) => a - b)
  return sources.map((source) => {
    const tags = credits.filter((credit) => credit.source === source).map((credit) => credit.tag)
    return { source, first: 0, count: tags.length, tags: new Uint8Array(Buffer.concat(tags)) }
  })
}

function tableOf(shards: number, perShard: number): Uint8Array {
  const prefix = bytesOfHex('302e020100300506032b657004220420')
  return deriveAccountTable({ seed: 'fake', shards, perShard }, (seeds) => {
    const keys = new Uint8Array(seeds.length)
    for (let i = 0; i < seeds.length; i += 32) {
      const der = Buffer.concat([prefix, seeds.subarray(i, i + 32)])
      const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
      keys.set(key.export({ format: 'der', type: 'spki' }).subarray(-32), i)
    }
    return keys
  })
}
