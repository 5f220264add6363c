import {
  BodyCache,
  ChainIndex,
  encodeLogRecord,
  encodePeerMessage,
  batchDigestOf,
  decodeWith,
  findAnswer,
  importDigestOf,
  Ledger,
  LogError,
  LogReplay,
  ownBatchRoom,
  placeOf,
  readLogRecord,
  recordBytes,
  Recovery,
  RelayPusher,
  RootsHistory,
  step,
  type Effect,
  type ImportBundle,
  type Input,
  type LoggedRecord,
  type LogRecord,
  type Lookup,
  type Replica,
  type TimerName,
} from '@shardnet/node/parts'
import type { Disk } from './disk.ts'
import { judgeBatch } from './batch-judge.ts'
import { BlockQueue } from './block-queue.ts'
import { ClientDoor } from './client-door.ts'
import { Frame } from './frame.ts'
import type { Machine } from './machine.ts'
import { MachineLog } from './machine-log.ts'
import type { Seat } from './seat.ts'

type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>

const BODY_BYTES_MAX = 65_536
const RELAY_TICK_MS = 250
const CHECK_MEAN_MS = 0.5
const SERVE_MEAN_MS = 0.5
const NOTHING = new Uint8Array(0)

/** One life of a validator's process: the node's own replica, ledger, relay and log, driven as `host` drives them. */
export class ValidatorProcess {
  readonly machine: Machine
  readonly replica: Replica
  readonly ledger: Ledger
  readonly index: ChainIndex
  readonly roots: RootsHistory
  readonly door: ClientDoor
  readonly relay: RelayPusher
  readonly bodies = new BodyCache<Uint8Array>(BODY_BYTES_MAX)
  readonly bundles = new BodyCache<ImportBundle>(BODY_BYTES_MAX)
  readonly #log: MachineLog
  readonly #blocks: BlockQueue
  readonly #timers = new Map<TimerName, number>()
  readonly #inputs: Input[] = []
  #isStepping = false

  private constructor(machine: Machine, parts: ProcessParts) {
    const { plan } = machine.world
    this.machine = machine
    this.#log = parts.log
    this.replica = parts.replica
    this.ledger = parts.ledger
    this.index = parts.index
    this.roots = parts.roots
    this.#blocks = new BlockQueue(this)
    this.door = new ClientDoor(
      {
        room: () => ownBatchRoom(this.replica),
        pack: (input) => this.feed(input),
        acknowledged: (transfers) => machine.ports.watch.onAcknowledged(machine, transfers),
      },
      plan.batchBytesMax,
    )
    const committeeSizes = Array.from({ length: plan.shards }, () => plan.size)
    const { validator } = machine.seat
    this.relay = new RelayPusher(
      parts.ledger,
      { validator, committeeSizes },
      {
        nowMs: () => machine.monotonicMs(),
        push: (shard, to, bytes) => this.#pushAcross({ shard, validator: to }, bytes),
      },
    )
  }

  /**
   * Opens the disk as `openChain` does: ledger from its checkpoint, replica from the log, then what is left to execute. Null when the
   * machine died meanwhile.
   * @throws LogError when the log is damaged.
   */
  static open(machine: Machine): ValidatorProcess | null {
    const { genesis } = machine.world
    const { shard } = machine.seat
    const roots = new RootsHistory()
    const stored = [...machine.store.values()]
    const ledger =
      stored.length === 0
        ? genesis.ledgerOf(shard)
        : Ledger.restore(genesis.ledgerParametersOf(shard), roots.load(stored))
    const recovery = new Recovery(genesis.replicaOptionsOf(machine.seat), roots.entries)
    const index = new ChainIndex()
    const replay = new LogReplay(index, recovery, ledger.height)
    const ports = {
      later: (delayMs: number, run: () => void) => machine.later(delayMs, run),
      edge: (name: string) => machine.edge(name),
      fail: ({ code, message }: LogError) => machine.stop({ kind: 'disk', code, message }),
    }
    const read: LoggedRecord[] = []
    const log = MachineLog.open(machine.logOptions(), ports, (record) => {
      read.push(record)
      const { position, bytes } = record
      const problem = replay.take(position, bytes)
      if (problem !== null) throw new LogError('damaged', `${machine.name}: ${problem}`)
    })
    if (log === null || machine.edge('recovery done')) return null
    const process = new ValidatorProcess(machine, {
      log,
      ledger,
      index,
      roots,
      replica: recovery.finish(),
    })
    machine.ports.watch.onBoot(machine, {
      records: durableOf(machine.disk, read),
      height: ledger.height,
      roots: roots.entries,
    })
    for (const effect of replay.unexecuted) {
      const executed = process.#blocks.executeNow(effect)
      recovery.executed(executed.height, executed.roots)
    }
    return process
  }

  /** Calls back when the log proves durably what is executed now. */
  whenLogged(done: () => void): void {
    this.#log.synced(done)
  }

  begin(): void {
    const { shards } = this.machine.world.plan
    this.relay.start()
    if (shards > 1) this.#tickRelay()
    this.feed({ kind: 'start' })
  }

  onFrame(from: Seat, frame: Frame): void {
    const decoded = frame.decode()
    if (decoded.kind === 'malformed') return
    const message = decoded.value
    const { shard } = this.machine.seat
    if (from.shard === shard) return this.feed({ kind: 'message', from: from.validator, message })
    if (message.kind !== 'import' || message.bundle.header.shard !== from.shard) return
    this.relay.onBundle(message.bundle)
    this.feed({ kind: 'foreignImport', bundle: message.bundle })
  }

  /** Takes an input; inputs that arise while one is stepped wait their turn. */
  feed(input: Input): void {
    this.#inputs.push(input)
    if (this.#isStepping) return
    this.#isStepping = true
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        if (this.machine.process !== this) return
        this.#step(next)
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error
      this.machine.stop({ kind: 'defect', error })
    } finally {
      this.#isStepping = false
    }
  }

  /** Gives a search in the log its bytes. @throws LogError `damaged`. */
  lookUp<Result>(lookup: Lookup<Result>): Result {
    let found = lookup.next(NOTHING)
    while (found.done !== true) found = lookup.next(this.#log.read(found.value))
    return found.value
  }

  #step(input: Input): void {
    const { machine } = this
    const clock = { monotonicMs: Math.floor(machine.monotonicMs()), wallMs: machine.wallMs() }
    for (const effect of step(this.replica, input, clock)) {
      if (machine.edge(effect.kind)) return
      this.#run(effect)
    }
  }

  #run(effect: Effect): void {
    const { machine } = this
    switch (effect.kind) {
      case 'persist':
        return this.#persist(effect)
      case 'send':
        return this.#send(effect)
      case 'checkBatch':
        return this.#checkBatch(effect)
      case 'setTimer':
        return this.#setTimer(effect)
      case 'commit':
        this.index.addFinal({ height: effect.proposal.header.height, hash: effect.hash })
        machine.ports.watch.onCommit(machine, effect)
        this.#blocks.enqueue(effect)
        return this.door.tryPack()
      case 'serve':
        return this.#serve(effect)
      case 'batchLogged':
        return this.door.onBatchLogged()
      case 'halt':
        return machine.stop({ kind: 'halt', reason: effect.reason })
      case 'note':
      case 'prepared':
        return
    }
  }

  #persist({ id, records }: EffectOf<'persist'>): void {
    this.#log.append(records.map(encodeLogRecord), (positions) => {
      for (const [at, record] of records.entries()) this.#onLogged(record, positions[at] ?? 0)
      this.machine.ports.watch.onDurable(this.machine, records)
      this.feed({ kind: 'persisted', id })
    })
  }

  /** What is on disk can be served, and will be executed soon. */
  #onLogged(record: LogRecord, position: number): void {
    this.index.add(record, position)
    if (record.kind === 'batch')
      this.bodies.put(batchDigestOf(record.signed.header), record.body, record.body.length)
    if (record.kind === 'import')
      this.bundles.put(importDigestOf(record.bundle), record.bundle, record.bundle.messages.length)
  }

  #send({ to, message }: EffectOf<'send'>): void {
    const { machine } = this
    const frame = this.#frameOf(encodePeerMessage(message))
    machine.ports.watch.onSent(machine, frame)
    const { shard, validator } = machine.seat
    if (to === 'all') {
      for (let other = 0; other < this.replica.parameters.size; other++)
        if (other !== validator) machine.ports.send({ shard, validator: other }, frame)
      return
    }
    for (const other of to)
      if (other !== validator) machine.ports.send({ shard, validator: other }, frame)
  }

  #pushAcross(to: Seat, bytes: Uint8Array): void {
    const { machine } = this
    if (machine.edge('push')) return
    const frame = this.#frameOf(bytes)
    machine.ports.watch.onSent(machine, frame)
    machine.ports.send(to, frame)
  }

  #frameOf(bytes: Uint8Array): Frame {
    return new Frame(bytes, !this.machine.world.plan.isDecodingApart)
  }

  #checkBatch(effect: EffectOf<'checkBatch'>): void {
    const { machine } = this
    const delayMs = machine.random.exponential(CHECK_MEAN_MS) * machine.slowness
    machine.later(delayMs, () => {
      const verdict = judgeBatch(effect, machine.world.genesis, machine.seat.shard)
      this.feed({ kind: 'batchChecked', digest: effect.digest, verdict })
    })
  }

  #setTimer({ name, sequence, delayMs }: EffectOf<'setTimer'>): void {
    this.#timers.set(name, sequence)
    this.machine.later(delayMs / this.machine.drift, () => {
      if (this.#timers.get(name) === sequence) this.feed({ kind: 'timer', name, sequence })
    })
  }

  #serve({ to, request }: EffectOf<'serve'>): void {
    const { machine } = this
    machine.later(machine.random.exponential(SERVE_MEAN_MS) * machine.slowness, () => {
      const message = this.guarded(() => this.lookUp(findAnswer(this.index, request)))
      machine.ports.watch.onServed(machine, request, message)
      if (message === null) return
      const frame = this.#frameOf(encodePeerMessage(message))
      machine.ports.watch.onSent(machine, frame)
      machine.ports.send({ shard: machine.seat.shard, validator: to }, frame)
    })
  }

  /** Runs what reads the log; an error of the world or of our own code stops the process. */
  guarded<Result>(run: () => Result): Result | null {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if (error instanceof LogError)
        this.machine.stop({ kind: 'disk', code: error.code, message: error.message })
      else this.machine.stop({ kind: 'defect', error })
      return null
    }
  }

  #tickRelay(): void {
    this.machine.later(RELAY_TICK_MS / this.machine.drift, () => {
      this.guarded(() => this.relay.tick())
      this.#tickRelay()
    })
  }
}

/** The records that the medium has, and not only the page cache. */
function durableOf(disk: Disk, read: readonly LoggedRecord[]): LogRecord[] {
  return read.flatMap(({ position, bytes }) => {
    const { segment, offset } = placeOf(position)
    if (offset + recordBytes(bytes) > disk.syncedOf(segment)) return []
    const decoded = decodeWith(bytes, readLogRecord)
    return decoded.kind === 'value' ? [decoded.value] : []
  })
}

interface ProcessParts {
  readonly log: MachineLog
  readonly replica: Replica
  readonly ledger: Ledger
  readonly index: ChainIndex
  readonly roots: RootsHistory
}
