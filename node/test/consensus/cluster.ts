import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Effect } from '../../src/core/consensus/effect.ts'
import type { Input } from '../../src/core/consensus/input.ts'
import { ownBatchRoom } from '../../src/core/consensus/batches.ts'
import { Recovery } from '../../src/core/consensus/recovery.ts'
import { Replica } from '../../src/core/consensus/replica.ts'
import type { ReplicaOptions } from '../../src/core/consensus/parameters.ts'
import { step } from '../../src/core/consensus/step.ts'
import { decodeWith } from '../../src/core/primitives/byte-reader.ts'
import { domainHash, ZERO_HASH, type Hash } from '../../src/core/primitives/hash.ts'
import { asciiBytes } from '../../src/core/primitives/bytes.ts'
import type { Roots } from '../../src/core/wire/block.ts'
import { encodeLogRecord, readLogRecord, type LogRecord } from '../../src/core/wire/log-record.ts'
import {
  encodePeerMessage,
  readPeerMessage,
  type PeerMessage,
  type Vote,
} from '../../src/core/wire/peer-message.ts'
import type { Committee } from '../../src/core/wire/committee.ts'
import { answerFromLog } from './log-server.ts'
import { createToyCrypto } from './toy-crypto.ts'

/** A seeded generator of numbers in [0, 1): mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Event {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** One replica with its disk and its executed chain. */
export interface Machine {
  replica: Replica
  alive: boolean
  /** Grows with every restart: answers meant for an earlier life are dropped. */
  life: number
  /** What is on disk, in order. */
  disk: Uint8Array[]
  readonly committed: Hash[]
  readonly proposals: Map<Hash, PeerMessage>
  readonly executed: { height: number; roots: Roots }[]
  halt: string | null
  readonly notes: string[]
}

export interface Faults {
  /** Chance that a message is lost. */
  readonly dropRate: number
  readonly duplicateRate: number
  readonly delayMaxMs: number
  readonly persistMaxMs: number
}

const CALM: Faults = { dropRate: 0, duplicateRate: 0, delayMaxMs: 5, persistMaxMs: 3 }

/**
 * A shard in memory under a manual clock: real replicas, real codecs, a lossy network, disks that forget what was not synced.
 * Everything that varies is drawn from the seed.
 */
export class Cluster {
  readonly machines: Machine[]
  readonly committee: Committee
  faults: Faults = CALM
  nowMs = 0
  /** False for a pair of validators that cannot hear each other: from, to. */
  connected: (from: number, to: number) => boolean = () => true
  /** Lets a test be the adversary: returns what is sent instead. */
  tamper: (from: number, to: number, message: PeerMessage) => readonly PeerMessage[] = (
    _,
    __,
    message,
  ) => [message]
  #queue: Event[] = []
  #order = 0
  readonly random: () => number
  readonly #options: Omit<ReplicaOptions, 'self' | 'crypto'>

  constructor(size: number, seed: number) {
    this.random = createRandom(seed)
    const key = (index: number, bytes: number) =>
      (index + 1).toString(16).padStart(2, '0').repeat(bytes)
    this.committee = {
      shard: 0,
      epoch: 0,
      members: Array.from({ length: size }, (_, index) => ({
        blsKey: key(index, 48),
        peerKey: key(index, 32),
      })),
    }
    this.#options = {
      networkId: domainHash('test', asciiBytes('network')),
      epoch: 0,
      shard: 0,
      committees: [this.committee],
      genesisRoots: { state: ZERO_HASH, outbox: ZERO_HASH, result: ZERO_HASH },
      batchBytesMax: 65_536,
      timing: {
        viewTimeoutMs: 2000,
        idleBlockIntervalMs: 1000,
        blockIntervalMs: 20,
        networkDelayMs: 100,
      },
    }
    this.machines = Array.from({ length: size }, (_, index) => {
      const birth: LogRecord = {
        kind: 'birth',
        networkId: this.#options.networkId,
        shard: 0,
        validator: index,
        epoch: 0,
      }
      const machine: Machine = {
        replica: new Replica(this.optionsOf(index)),
        alive: false,
        life: 0,
        disk: [encodeLogRecord(birth)],
        committed: [],
        proposals: new Map(),
        executed: [],
        halt: null,
        notes: [],
      }
      return machine
    })
    for (let index = 0; index < size; index++) this.boot(index)
  }

  optionsOf(self: number): ReplicaOptions {
    const member = this.committee.members[self]
    assert(member)
    return { ...this.#options, self, crypto: createToyCrypto(member.blsKey, member.peerKey) }
  }

  machine(index: number): Machine {
    const machine = this.machines[index]
    assert(machine, `validator ${index}`)
    return machine
  }

  /** Starts a validator from its disk. */
  boot(index: number): void {
    const machine = this.machine(index)
    machine.life++
    machine.alive = true
    machine.committed.length = 0
    machine.executed.length = 0
    const recovery = new Recovery(this.optionsOf(index), [])
    for (const bytes of machine.disk) {
      const decoded = decodeWith(bytes, readLogRecord)
      assert(decoded.kind === 'value', 'what was logged can be read')
      this.#run(index, recovery.take(decoded.value))
    }
    machine.replica = recovery.finish()
    this.feed(index, { kind: 'start' })
  }

  /** kill -9: whatever was not synced is gone. */
  kill(index: number): void {
    const machine = this.machine(index)
    machine.alive = false
    machine.life++
  }

  feed(index: number, input: Input): void {
    const machine = this.machine(index)
    if (!machine.alive) return
    const clock = { monotonicMs: this.nowMs, wallMs: 1_800_000_000_000 + Math.floor(this.nowMs) }
    this.#run(index, step(machine.replica, input, clock))
  }

  at(delayMs: number, run: () => void): void {
    const event = { atMs: this.nowMs + delayMs, order: this.#order++, run }
    let low = 0
    let high = this.#queue.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#queue[middle]?.atMs ?? 0) <= event.atMs) low = middle + 1
      else high = middle
    }
    this.#queue.splice(low, 0, event)
  }

  /** Runs everything that happens within the next milliseconds. */
  run(durationMs: number): void {
    const endMs = this.nowMs + durationMs
    for (;;) {
      const next = this.#queue[0]
      if (next === undefined || next.atMs > endMs) break
      this.#queue.shift()
      this.nowMs = next.atMs
      next.run()
    }
    this.nowMs = endMs
  }

  /** Gives a validator a body of client bytes, if it has room for another batch. */
  pack(index: number, text: string): boolean {
    const machine = this.machine(index)
    if (!machine.alive || ownBatchRoom(machine.replica) === 0) return false
    const body = asciiBytes(text.padEnd(80, '.'))
    this.feed(index, { kind: 'packed', body, bodyHash: hashOf(body), count: 1 })
    return true
  }

  #run(index: number, effects: readonly Effect[]): void {
    for (const effect of effects) this.#effect(index, effect)
  }

  #effect(index: number, effect: Effect): void {
    const machine = this.machine(index)
    const { life } = machine
    const later = (delayMs: number, input: Input) => {
      this.at(delayMs, () => {
        if (machine.life === life) this.feed(index, input)
      })
    }
    switch (effect.kind) {
      case 'persist': {
        const bytes = effect.records.map(encodeLogRecord)
        this.at(this.random() * this.faults.persistMaxMs, () => {
          if (machine.life !== life) return
          machine.disk.push(...bytes)
          this.feed(index, { kind: 'persisted', id: effect.id })
        })
        return
      }
      case 'send': {
        const to = effect.to === 'all' ? this.machines.keys() : effect.to
        for (const peer of to) if (peer !== index) this.#send(index, peer, effect.message)
        return
      }
      case 'checkBatch': {
        const isWhole = hashOf(effect.body) === effect.signed.header.bodyHash
        const verdict = !isWhole ? 'badBody' : effect.body[0] === 0x21 ? 'badSignature' : 'valid'
        return later(1, { kind: 'batchChecked', digest: effect.digest, verdict })
      }
      case 'setTimer':
        return later(effect.delayMs, {
          kind: 'timer',
          name: effect.name,
          sequence: effect.sequence,
        })
      case 'commit':
        return this.#commit(index, effect)
      case 'serve':
        return this.#serve(index, effect)
      case 'halt':
        machine.halt = effect.reason
        return
      case 'note':
        machine.notes.push(
          `${effect.note.kind}${effect.note.kind === 'refused' ? `:${effect.note.code}` : ''}`,
        )
        return
      case 'prepared':
      case 'batchLogged':
        return
    }
  }

  #commit(index: number, effect: Extract<Effect, { kind: 'commit' }>): void {
    const machine = this.machine(index)
    const { header } = effect.proposal
    machine.committed.push(effect.hash)
    assert.equal(
      header.height,
      machine.committed.length,
      'heights are delivered in order without a gap',
    )
    const before = machine.executed.at(-1)?.roots.state ?? ZERO_HASH
    const state = domainHash('test/execute', asciiBytes(before + effect.hash))
    const roots: Roots = { state, outbox: ZERO_HASH, result: state }
    machine.executed.push({ height: header.height, roots })
    const { life } = machine
    this.at(0.1, () => {
      if (machine.life === life)
        this.feed(index, { kind: 'executed', height: header.height, roots })
    })
  }

  #serve(index: number, effect: Extract<Effect, { kind: 'serve' }>): void {
    const machine = this.machine(index)
    const records = machine.disk
      .map((bytes) => decodeWith(bytes, readLogRecord))
      .flatMap((one) => (one.kind === 'value' ? [one.value] : []))
    const reply = answerFromLog(records, effect.request, machine.committed)
    if (reply !== null) this.#send(index, effect.to, reply)
  }

  #send(from: number, to: number, message: PeerMessage): void {
    for (const sent of this.tamper(from, to, message)) {
      const bytes = encodePeerMessage(sent)
      if (!this.connected(from, to) || this.random() < this.faults.dropRate) continue
      const copies = this.random() < this.faults.duplicateRate ? 2 : 1
      for (let copy = 0; copy < copies; copy++) {
        this.at(0.2 + this.random() * this.faults.delayMaxMs, () => this.#receive(from, to, bytes))
      }
    }
  }

  #receive(from: number, to: number, bytes: Uint8Array): void {
    const decoded = decodeWith(bytes, readPeerMessage)
    assert(decoded.kind === 'value', 'what was sent can be read')
    this.feed(to, { kind: 'message', from, message: decoded.value })
  }

  /** Votes that a validator has on disk. */
  ownVotesOf(index: number): Vote[] {
    return this.machine(index).disk.flatMap((bytes) => {
      const decoded = decodeWith(bytes, readLogRecord)
      return decoded.kind === 'value' && decoded.value.kind === 'vote' ? [decoded.value.vote] : []
    })
  }

  /** I9: nobody signed two values of one kind in one view, or COMMIT and SKIP in one view, in any of its lives. */
  checkOwnVotes(except: readonly number[] = []): void {
    for (const index of this.machines.keys()) {
      if (except.includes(index)) continue
      const values = new Map<string, Hash>()
      for (const { kind, view, value } of this.ownVotesOf(index)) {
        const known = values.get(`${kind} ${view}`)
        assert(
          known === undefined || known === value,
          `validator ${index}: two ${kind} votes in view ${view}`,
        )
        values.set(`${kind} ${view}`, value)
      }
      for (const key of values.keys()) {
        const [kind, view] = key.split(' ')
        assert(
          kind !== 'commit' || !values.has(`skip ${view}`),
          `validator ${index}: COMMIT and SKIP in view ${view}`,
        )
      }
    }
  }

  /** I1: no two validators committed different blocks at one height. Returns the least committed height of the living. */
  checkAgreement(except: readonly number[] = []): number {
    const honest = this.machines.filter((_, index) => !except.includes(index))
    const longest = honest.reduce((a, b) => (b.committed.length > a.committed.length ? b : a))
    for (const machine of honest) {
      assert.equal(machine.halt, null)
      machine.committed.forEach((hash, at) =>
        assert.equal(hash, longest.committed[at], `fork at height ${at + 1}`),
      )
    }
    return Math.min(
      ...honest.filter((machine) => machine.alive).map((machine) => machine.committed.length),
    )
  }
}

function hashOf(bytes: Uint8Array): Hash {
  return createHash('sha256').update(bytes).digest('hex') as Hash
}
