import { createHash, hash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  decodeClientFrame,
  encodeServerFrame,
  STREAM_PATH,
  type EventDetail,
  type ServerFrame,
} from '@shardnet/node/client'
import {
  ByteWriter,
  bytesOfHex,
  hashOfBytes,
  SIGNATURE_BYTES,
  TAG_BYTES,
  writeCommitEvent,
  type CommitEvent,
  type Hash,
} from '@shardnet/node/core'

const BLOCK_MS = 50
/** A full event of the latest heights is remembered for whoever lacks one. */
const EVENTS_MAX = 64

interface Session {
  readonly validator: number
  readonly socket: WebSocket
  detail: EventDetail
}

/**
 * The doors of one committee with nothing behind them: real sockets, every transaction is acknowledged at once and stands
 * in the next block, which comes every 50 ms. The least that a load generator can be measured against.
 */
export class Sink {
  readonly #networkId: Hash
  readonly #transactionBytes: number
  readonly #sessions = new Set<Session>()
  readonly #events = new Map<number, Uint8Array>()
  #tags: Uint8Array[] = []
  #height = 0
  #received = 0

  constructor(networkId: Hash, transactionBytes: number) {
    this.#networkId = networkId
    this.#transactionBytes = transactionBytes
  }

  /** Transactions that arrived so far. */
  get received(): number {
    return this.#received
  }

  /** Opens as many doors and begins to make blocks; their ports. */
  async open(validators: number): Promise<number[]> {
    const ports = await Promise.all(
      Array.from({ length: validators }, (_, validator) => this.#listen(validator)),
    )
    setInterval(() => this.#makeBlock(), BLOCK_MS)
    return ports
  }

  async #listen(validator: number): Promise<number> {
    const server = createServer()
    const sockets = new WebSocketServer({ server, path: STREAM_PATH, perMessageDeflate: false })
    sockets.on('connection', (socket) => this.#onConnection(validator, socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    // A server that listens on a port has an address of this form.
    return (server.address() as AddressInfo).port
  }

  #onConnection(validator: number, socket: WebSocket): void {
    const session: Session = { validator, socket, detail: 'none' }
    this.#sessions.add(session)
    socket.on('close', () => this.#sessions.delete(session))
    socket.on('message', (data) => {
      if (data instanceof Uint8Array) this.#onMessage(session, data)
    })
    const networkId = this.#networkId
    send(session, { kind: 'welcome', shard: 0, validator, networkId, height: this.#height })
  }

  #onMessage(session: Session, data: Uint8Array): void {
    const decoded = decodeClientFrame(data)
    if (decoded.kind === 'malformed') throw new Error(decoded.reason)
    const frame = decoded.value
    switch (frame.kind) {
      case 'subscribe':
        session.detail = frame.detail
        for (const [height, event] of this.#events)
          if (height >= frame.fromHeight) tell(session, height, event)
        return
      case 'eventRequest': {
        const event = this.#events.get(frame.height)
        if (event === undefined)
          return send(session, { kind: 'eventMissing', height: frame.height })
        return send(session, { kind: 'event', event })
      }
      case 'submit': {
        const count = this.#take(frame.transactions)
        const range = { firstReference: frame.firstReference, count }
        return send(session, { kind: 'acknowledged', ranges: [range] })
      }
    }
  }

  #take(transactions: Uint8Array): number {
    const count = transactions.length / this.#transactionBytes
    const tags = new Uint8Array(count * TAG_BYTES)
    for (let i = 0; i < count; i++) {
      const at = (i + 1) * this.#transactionBytes - SIGNATURE_BYTES
      tags.set(transactions.subarray(at, at + TAG_BYTES), i * TAG_BYTES)
    }
    this.#tags.push(tags)
    this.#received += count
    return count
  }

  #makeBlock(): void {
    this.#height += 1
    const tags = new Uint8Array(Buffer.concat(this.#tags))
    this.#tags = []
    const event = encoded(this.#height, tags)
    this.#events.set(this.#height, event)
    this.#events.delete(this.#height - EVENTS_MAX)
    for (const session of this.#sessions) tell(session, this.#height, event)
  }
}

function tell(session: Session, height: number, event: Uint8Array): void {
  if (session.detail === 'full') return send(session, { kind: 'event', event })
  if (session.detail !== 'digests') return
  const digest = hashOfBytes(bytesOfHex(hash('sha256', event)))
  send(session, { kind: 'eventDigest', height, blockHash: digest, digest })
}

function encoded(height: number, tags: Uint8Array): Uint8Array {
  const count = tags.length / TAG_BYTES
  const reads = new Uint8Array(0)
  const results = new Uint8Array(count)
  const batch = { author: 0, sequence: height, count, tags, results, reads }
  const event: CommitEvent = {
    shard: 0,
    height,
    view: height,
    blockHash: hashOfBytes(createHash('sha256').update(String(height)).digest()),
    timeMs: height,
    batches: count === 0 ? [] : [batch],
    credits: [],
  }
  const writer = new ByteWriter(1_024)
  writeCommitEvent(writer, event)
  return writer.finish()
}

function send(session: Session, frame: ServerFrame): void {
  if (session.socket.readyState === session.socket.OPEN)
    session.socket.send(encodeServerFrame(frame))
}
