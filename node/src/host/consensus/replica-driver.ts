import { performance } from 'node:perf_hooks'
import { ownBatchRoom } from '../../core/consensus/batches.ts'
import type { Effect, Note } from '../../core/consensus/effect.ts'
import type { Input, TimerName } from '../../core/consensus/input.ts'
import type { Replica } from '../../core/consensus/replica.ts'
import { step } from '../../core/consensus/step.ts'
import { encodeLogRecord, type LogRecord } from '../../core/wire/log-record.ts'
import { encodePeerMessage, type PeerMessage } from '../../core/wire/peer-message.ts'

import { HaltError } from './halt-error.ts'

type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>

/** What the loop needs from the world around it. */
export interface DriverPorts {
  append(records: readonly Uint8Array[]): Promise<readonly number[]>
  /** A record is on disk at a position. */
  logged(record: LogRecord, position: number): void
  send(to: EffectOf<'send'>['to'], purpose: EffectOf<'send'>['purpose'], frame: Uint8Array): void
  checkBatch(effect: EffectOf<'checkBatch'>): void
  commit(effect: EffectOf<'commit'>): void
  prepared(effect: EffectOf<'prepared'>): void
  serve(effect: EffectOf<'serve'>): void
  batchLogged(sequence: number): void
  note(note: Note): void
  stepped(seconds: number): void
  /** The process must stop: the log failed, or the replica found its promises broken. */
  fatal(error: unknown): void
}

/** The one loop that owns a replica: inputs in, effects out, one at a time and in order. */
export class ReplicaDriver {
  readonly replica: Replica
  readonly #ports: DriverPorts
  readonly #timers = new Map<TimerName, NodeJS.Timeout>()
  readonly #inputs: Input[] = []
  #isStepping = false
  #isStopped = false

  constructor(replica: Replica, ports: DriverPorts) {
    this.replica = replica
    this.#ports = ports
  }

  /** Batches of our own that may still be made. */
  get room(): number {
    return this.#isStopped ? 0 : ownBatchRoom(this.replica)
  }

  /** Takes an input; inputs that arise while one is stepped wait their turn. */
  feed(input: Input): void {
    if (this.#isStopped) return
    this.#inputs.push(input)
    if (this.#isStepping) return
    this.#isStepping = true
    try {
      for (
        let next = this.#inputs.shift();
        next !== undefined && !this.#isStopped;
        next = this.#inputs.shift()
      )
        this.#step(next)
    } catch (error) {
      this.#stopWith(error)
    } finally {
      this.#isStepping = false
    }
  }

  /** Sends an answer that was read from the log. */
  reply(to: number, message: PeerMessage): void {
    if (!this.#isStopped) this.#ports.send([to], 'sync', encodePeerMessage(message))
  }

  /** No input is taken and no timer fires afterwards. */
  stop(): void {
    this.#isStopped = true
    this.#inputs.length = 0
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }

  #stopWith(error: unknown): void {
    this.stop()
    this.#ports.fatal(error)
  }

  #step(input: Input): void {
    const startMs = performance.now()
    const effects = step(this.replica, input, {
      monotonicMs: Math.floor(startMs),
      wallMs: Date.now(),
    })
    for (const effect of effects) this.#run(effect)
    this.#ports.stepped((performance.now() - startMs) / 1000)
  }

  #run(effect: Effect): void {
    const ports = this.#ports
    switch (effect.kind) {
      case 'persist':
        return void this.#persist(effect)
      case 'send':
        return ports.send(effect.to, effect.purpose, encodePeerMessage(effect.message))
      case 'checkBatch':
        return ports.checkBatch(effect)
      case 'setTimer':
        return this.#setTimer(effect)
      case 'commit':
        return ports.commit(effect)
      case 'prepared':
        return ports.prepared(effect)
      case 'serve':
        return ports.serve(effect)
      case 'batchLogged':
        return ports.batchLogged(effect.sequence)
      case 'note':
        return ports.note(effect.note)
      case 'halt':
        return this.#stopWith(new HaltError(effect.reason, effect.certificates))
    }
  }

  /** Groups are synced in the order of their effects, so `persisted` inputs ascend. */
  async #persist({ id, records }: EffectOf<'persist'>): Promise<void> {
    try {
      const positions = await this.#ports.append(records.map(encodeLogRecord))
      for (const [index, record] of records.entries())
        this.#ports.logged(record, positions[index] ?? 0)
      this.feed({ kind: 'persisted', id })
    } catch (error) {
      if (!this.#isStopped) this.#stopWith(error)
    }
  }

  #setTimer({ name, sequence, delayMs }: EffectOf<'setTimer'>): void {
    const earlier = this.#timers.get(name)
    if (earlier !== undefined) clearTimeout(earlier)
    this.#timers.set(
      name,
      setTimeout(() => this.feed({ kind: 'timer', name, sequence }), delayMs),
    )
  }
}
