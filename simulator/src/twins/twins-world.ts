import {
  domainHash,
  Recovery,
  step,
  ownBatchRoom,
  hashOfBytes,
  bytesOfHash,
  type Effect,
  type Hash,
  type Input,
  type LogRecord,
  type PeerMessage,
  type Replica,
  type Roots,
} from '@shardnet/node/parts'
import { FaultCounts } from '../faults/fault-counts.ts'
import { Verdict, type Violation } from '../checkers/verdict.ts'
import { EventQueue } from '../world/event-queue.ts'
import type { SimulatedGenesis } from '../world/genesis.ts'
import { describePeerMessage } from '../world/describe-message.ts'
import { Random } from '../world/random.ts'
import { roundKindsOf } from './round-kinds.ts'
import { MemoryLog } from './memory-log.ts'
import { TwinsCheck } from './twins-check.ts'
import { twinsGenesisOf } from './twins-genesis.ts'
import type { TwinsPlan } from './twins-plan.ts'

/** What a scenario came to. */
export interface TwinsResult {
  readonly index: number
  readonly violation: Violation | null
  readonly events: number
  readonly height: number
  /** Views that honest nodes skipped. */
  readonly skips: number
  /** Nodes that were killed and came back. */
  readonly restarts: number
  /** Kinds and views in which the halves of a validator signed different values. */
  readonly equivocations: number
  /** Times that a node found evidence. */
  readonly accused: number
  readonly dropped: number
  readonly cut: number
  /** Partitions by kind, drawn and fired, and what twins did in their roles. */
  readonly happened: Readonly<Record<string, number>>
}

interface Node {
  readonly node: number
  readonly seat: number
  replica: Replica
  log: MemoryLog
  /** What is on its disk, in order. */
  readonly disk: LogRecord[]
  /** Grows with each restart: what was meant for an earlier life is dropped. */
  life: number
  inputs: Input[]
  isStepping: boolean
  isDead: boolean
  /** When its disk has written what it was given so far. */
  diskFreeMs: number
  roots: Roots
}

const WALL_MS = 1_800_000_000_000
const DISK_MEAN_MS = 0.5
const EXECUTE_MS = 0.2
const DELAY_MIN_MS = 0.5
const BODY_BYTES = 80
/** Heights that everybody owes after the partitions are over. */
const HEIGHTS_OWED = 2
/** As long as the longest views of a committee of seven in a row (`viewTimeoutOf`). */
const CALM_MS_MAX = 240_000

/** One scenario: the node's own replicas, two of them with one key, under a network that changes round by round. */
export class TwinsWorld {
  readonly #plan: TwinsPlan
  readonly #print: ((line: string) => void) | null
  readonly #queue = new EventQueue()
  readonly #random: Random
  readonly #verdict = new Verdict(() => this.#queue.nowMs)
  readonly #check: TwinsCheck
  readonly #genesis: SimulatedGenesis
  readonly #nodes: readonly Node[]
  /** Nodes of each seat. */
  readonly #nodesOf: readonly (readonly Node[])[]
  /** By block: what the first node to execute it came to. */
  readonly #executions = new Map<Hash, { readonly before: Hash; readonly roots: Roots }>()
  #groupOf: readonly number[] = []
  #dropRate = 0
  readonly #counts = new FaultCounts()
  #skips = 0
  #restarts = 0
  #dropped = 0
  #cut = 0

  constructor(plan: TwinsPlan, print: ((line: string) => void) | null = null) {
    this.#plan = plan
    this.#print = print
    this.#random = new Random(plan.index, 'twins world')
    this.#genesis = twinsGenesisOf(plan.size)
    const twice = new Set(plan.seatOf.slice(plan.size))
    this.#check = new TwinsCheck(this.#verdict, this.#genesis, {
      isHonest: (seat) => !twice.has(seat),
      counts: this.#counts,
    })
    this.#nodes = plan.seatOf.map((seat, node) => {
      const options = this.#genesis.replicaOptionsOf({ shard: 0, validator: seat })
      const { networkId, epoch, shard, genesisRoots } = options
      const birth: LogRecord = { kind: 'birth', networkId, shard, validator: seat, epoch }
      const recovery = new Recovery(options, [])
      recovery.take(birth)
      return {
        node,
        seat,
        replica: recovery.finish(),
        log: new MemoryLog(),
        disk: [birth],
        life: 0,
        inputs: [],
        isStepping: false,
        isDead: false,
        diskFreeMs: 0,
        roots: genesisRoots,
      }
    })
    this.#nodesOf = Array.from({ length: plan.size }, (_, seat) =>
      this.#nodes.filter((node) => node.seat === seat),
    )
  }

  run(): TwinsResult {
    const { rounds, batchRate, restartRate } = this.#plan
    for (const node of this.#nodes) this.#feed(node, { kind: 'start' })
    let endMs = 0
    this.#counts.add(`committee of ${this.#plan.size}`)
    for (const round of rounds) {
      const { forMs, groupOf, dropRate } = round
      const undisturbed = this.#cut + this.#dropped
      this.#groupOf = groupOf
      this.#dropRate = dropRate
      this.#print?.(`${this.#queue.nowMs.toFixed(1)} groups ${groupOf.join('')} drop ${dropRate}`)
      for (const node of this.#nodes) {
        if (this.#random.chance(restartRate)) this.#restart(node)
        if (this.#random.chance(batchRate)) this.#pack(node)
      }
      endMs += forMs
      while (this.#verdict.isClean && this.#queue.runNext(endMs));
      this.#queue.nowMs = endMs
      const hasFired = this.#cut + this.#dropped > undisturbed
      for (const kind of roundKindsOf(round, this.#plan.seatOf, this.#plan.size)) {
        this.#counts.add(kind)
        if (hasFired) this.#counts.add(`${kind}, fired`)
      }
    }
    this.#groupOf = this.#nodes.map(() => 0)
    this.#dropRate = 0
    if (this.#verdict.isClean) this.#calm()
    return this.#result()
  }

  /** Everybody hears everybody: new heights are owed, and all in step. */
  #calm(): void {
    this.#print?.(`${this.#queue.nowMs.toFixed(1)} the partitions are over`)
    const wanted = this.#check.height + HEIGHTS_OWED
    const endMs = this.#queue.nowMs + CALM_MS_MAX
    const honest = this.#nodes.filter((node) => this.#nodesOf[node.seat]?.length === 1)
    const isDone = () => honest.every(({ node }) => this.#check.heightOf(node) >= wanted)
    while (this.#verdict.isClean && !isDone() && this.#queue.runNext(endMs));
    if (!this.#verdict.isClean || isDone()) return
    const heights = honest.map(({ node }) => this.#check.heightOf(node)).join(', ')
    this.#verdict.report(
      'I11 liveness',
      `heights ${heights} after ${CALM_MS_MAX} ms without partitions, where ${wanted} is owed`,
    )
  }

  #result(): TwinsResult {
    return {
      index: this.#plan.index,
      violation: this.#verdict.violations[0] ?? null,
      events: this.#queue.count,
      height: this.#check.height,
      skips: this.#skips,
      restarts: this.#restarts,
      equivocations: this.#check.equivocations,
      accused: this.#check.accused,
      dropped: this.#dropped,
      cut: this.#cut,
      happened: this.#counts.entries(),
    }
  }

  /** Killed, and back with what its disk holds: its votes and certificates are all that it knows. */
  #restart(node: Node): void {
    if (node.isDead) return
    this.#restarts += 1
    if (this.#nodesOf[node.seat]?.length === 2) this.#counts.add('twin: restart of a half')
    this.#print?.(`${this.#queue.nowMs.toFixed(1)} ${node.node} restarts`)
    const options = this.#genesis.replicaOptionsOf({ shard: 0, validator: node.seat })
    node.life += 1
    node.inputs = []
    node.diskFreeMs = 0
    node.roots = options.genesisRoots
    node.log = new MemoryLog()
    this.#check.onRestart(node.node)
    const recovery = new Recovery(options, [])
    for (const record of node.disk) {
      node.log.add(record)
      for (const effect of recovery.take(record)) {
        if (effect.kind !== 'commit') continue
        const height = this.#final(node, effect)
        recovery.executed(height, node.roots)
      }
    }
    node.replica = recovery.finish()
    this.#feed(node, { kind: 'start' })
  }

  /** Takes an input; inputs that arise while one is stepped wait their turn. */
  #feed(node: Node, input: Input): void {
    if (node.isDead) return
    if (node.isStepping) {
      node.inputs.push(input)
      return
    }
    node.isStepping = true
    const monotonicMs = Math.floor(this.#queue.nowMs)
    const clock = { monotonicMs, wallMs: WALL_MS + monotonicMs }
    try {
      let next: Input | undefined = input
      while (next !== undefined) {
        for (const effect of step(node.replica, next, clock)) this.#run(node, effect)
        next = node.inputs.length === 0 ? undefined : node.inputs.shift()
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error
      node.isDead = true
      this.#check.onDefect(node.node, node.seat, error)
    } finally {
      node.isStepping = false
    }
  }

  #run(node: Node, effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        return this.#persist(node, effect)
      case 'send':
        return this.#send(node, effect.to, effect.message)
      case 'checkBatch':
        return this.#later(node, EXECUTE_MS, {
          kind: 'batchChecked',
          digest: effect.digest,
          verdict: 'valid',
        })
      case 'setTimer':
        return this.#later(node, effect.delayMs, {
          kind: 'timer',
          name: effect.name,
          sequence: effect.sequence,
        })
      case 'commit':
        return this.#commit(node, effect)
      case 'serve': {
        const message = node.log.answer(effect.request)
        if (message !== null) this.#send(node, [effect.to], message)
        return
      }
      case 'halt':
        return this.#check.onHalt(node.node, node.seat, effect.reason)
      case 'note':
        if (effect.note.kind === 'skipped') this.#skips += 1
        if (effect.note.kind === 'evidence')
          this.#check.onEvidence(node.node, effect.note.validator)
        return
      case 'batchLogged':
      case 'prepared':
        return
    }
  }

  #persist(node: Node, { id, records }: Extract<Effect, { kind: 'persist' }>): void {
    const { nowMs } = this.#queue
    node.diskFreeMs = Math.max(nowMs, node.diskFreeMs) + this.#random.exponential(DISK_MEAN_MS)
    const { life } = node
    this.#queue.at(node.diskFreeMs - nowMs, () => {
      if (node.life !== life) return
      for (const record of records) node.log.add(record)
      node.disk.push(...records)
      this.#check.onDurable(node.node, node.seat, records)
      this.#feed(node, { kind: 'persisted', id })
    })
  }

  #commit(node: Node, effect: Extract<Effect, { kind: 'commit' }>): void {
    const height = this.#final(node, effect)
    this.#later(node, EXECUTE_MS, { kind: 'executed', height, roots: node.roots })
  }

  /** Executing is what it has to be here: a function of the blocks. Returns the height. */
  #final(node: Node, effect: Extract<Effect, { kind: 'commit' }>): number {
    node.log.addFinal(effect)
    this.#check.onCommit(node.node, node.seat, effect)
    node.roots = this.#executed(node.roots, effect.hash)
    return effect.proposal.header.height
  }

  /** Nodes that execute the same block on the same state share the work. */
  #executed(before: Roots, hash: Hash): Roots {
    const known = this.#executions.get(hash)
    if (known?.before === before.state) return known.roots
    const state = domainHash('shardnet/twins/v1', bytesOfHash(before.state), bytesOfHash(hash))
    const roots = { ...before, state }
    this.#executions.set(hash, { before: before.state, roots })
    return roots
  }

  #pack(node: Node): void {
    if (ownBatchRoom(node.replica) === 0) return
    const body = this.#random.bytes(BODY_BYTES)
    const bodyHash: Hash = hashOfBytes(this.#random.bytes(32))
    this.#feed(node, { kind: 'packed', body, bodyHash, count: 1 })
  }

  #later(node: Node, delayMs: number, input: Input): void {
    const { life } = node
    this.#queue.at(delayMs, () => {
      if (node.life === life) this.#feed(node, input)
    })
  }

  #send(from: Node, to: 'all' | readonly number[], message: PeerMessage): void {
    this.#check.onSent(from.node, from.seat, message)
    const seats = to === 'all' ? this.#nodesOf.keys() : to
    for (const seat of seats)
      if (seat !== from.seat)
        for (const node of this.#nodesOf[seat] ?? []) this.#sendTo(from, node, message)
  }

  #sendTo(from: Node, to: Node, message: PeerMessage): void {
    if (this.#groupOf[from.node] !== this.#groupOf[to.node]) {
      this.#cut += 1
      return
    }
    if (this.#dropRate > 0 && this.#random.chance(this.#dropRate)) {
      this.#dropped += 1
      return
    }
    const delayMs = DELAY_MIN_MS + this.#random.exponential(this.#plan.delayMeanMs)
    this.#queue.at(delayMs, () => {
      this.#print?.(
        `${this.#queue.nowMs.toFixed(1)} ${from.node} -> ${to.node} ${describePeerMessage(message)}`,
      )
      this.#feed(to, { kind: 'message', from: from.seat, message })
    })
  }
}
