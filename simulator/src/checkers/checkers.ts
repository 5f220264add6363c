import {
  encodePeerMessage,
  type CommitEffect,
  type LogRecord,
  type PeerMessage,
  type ServeRequest,
} from '@shardnet/node/parts'
import type { ClientTransfer } from '../world/client-transfer.ts'
import type { Frame } from '../world/frame.ts'
import type { SimulatedGenesis } from '../world/genesis.ts'
import type { Machine } from '../world/machine.ts'
import type {
  MachineExecution,
  MachineWatch,
  Restored,
  StopReason,
} from '../world/machine-watch.ts'
import type { Seat } from '../world/seat.ts'
import { Agreement } from './agreement.ts'
import { answerFault } from './answer-fault.ts'
import { Blame } from './blame.ts'
import { ClientLedger } from './client-ledger.ts'
import { CommitteeFacts } from './committee-facts.ts'
import { LogOrder } from './log-order.ts'
import { ReExecution } from './re-execution.ts'
import { SignatureTap } from './signature-tap.ts'
import type { Verdict } from './verdict.ts'

/** All checkers of a world, fed with what is seen of its honest machines. They share nothing with the replicas but formats. */
export class Checkers implements MachineWatch {
  readonly verdict: Verdict
  readonly agreement: Agreement
  readonly reExecution: ReExecution
  readonly clients: ClientLedger
  readonly #facts: readonly CommitteeFacts[]
  readonly #tap: SignatureTap
  readonly #logs: LogOrder
  readonly #isHonest: (seat: Seat) => boolean
  /** Honest machines whose disk was made to rot: they may find out and stop. */
  readonly rotten = new Set<Machine>()
  readonly blame: Blame
  /** Liars that some honest machine has evidence against, by shard and validator. */
  readonly accused = new Set<string>()

  constructor(verdict: Verdict, genesis: SimulatedGenesis, isHonest: (seat: Seat) => boolean) {
    const shards = genesis.committees.length
    this.verdict = verdict
    this.#isHonest = isHonest
    this.#facts = genesis.committees.map((_, shard) => new CommitteeFacts(genesis, shard))
    this.agreement = new Agreement(verdict, shards)
    this.reExecution = new ReExecution(verdict, this.#facts, genesis)
    this.blame = new Blame(verdict, shards)
    this.clients = new ClientLedger(verdict, shards)
    this.#tap = new SignatureTap(verdict, this.#facts, isHonest)
    this.#logs = new LogOrder(verdict, this.#facts, (machine, validator) =>
      this.#onAccused(machine, validator),
    )
  }

  onBoot(machine: Machine, restored: Restored): void {
    const { records } = restored
    this.agreement.onBoot(machine)
    this.#tap.onDurable(machine, records)
    this.#logs.onRecovered(machine, records)
    this.blame.onDurable(machine.seat.shard, records)
    this.reExecution.onRestored(machine, restored)
  }

  onServed(machine: Machine, request: ServeRequest, answer: PeerMessage | null): void {
    const fault = answer === null ? null : answerFault(request, answer)
    this.verdict.check(fault === null, 'I13 reads', () => `${machine.name} answers ${fault}`)
  }

  onSent(machine: Machine, frame: Frame): void {
    const decoded = frame.decode()
    if (decoded.kind === 'malformed') {
      const fault = `${machine.name} sends bytes that do not decode: ${decoded.reason}`
      return this.verdict.report('I14 codec', fault)
    }
    if (!frame.isDecodedOnce) this.#checkCodec(machine, frame.bytes, decoded.value)
    this.#tap.onSent(machine, decoded.value)
  }

  /** One value, one encoding: where a world has the time for it, what was read is written once more. */
  #checkCodec(machine: Machine, bytes: Uint8Array, message: PeerMessage): void {
    const isSame = Buffer.compare(encodePeerMessage(message), bytes) === 0
    this.verdict.check(isSame, 'I14 codec', () => {
      return `${machine.name} sends a ${message.kind} that becomes other bytes when it is written again`
    })
  }

  onDurable(machine: Machine, records: readonly LogRecord[]): void {
    this.#tap.onDurable(machine, records)
    this.#logs.onDurable(machine, records)
    this.blame.onDurable(machine.seat.shard, records)
  }

  onCommit(machine: Machine, effect: CommitEffect): void {
    this.agreement.onCommit(machine, effect)
    const { certificate, hash } = effect
    if (certificate === null) return
    const fault = this.#facts[machine.seat.shard]?.faultOf(certificate)
    const isOfBlock = certificate.kind === 'commit' && certificate.value === hash
    this.verdict.check(fault === null && isOfBlock, 'I3 certified', () => {
      return `${machine.name} commits ${hash} with a certificate that does not prove it`
    })
  }

  onExecuted(machine: Machine, execution: MachineExecution): void {
    this.agreement.onExecuted(machine, execution)
    if (!this.verdict.isClean) return
    this.reExecution.take(machine.seat.shard, execution)
    this.clients.take(machine.seat.shard, execution)
  }

  onAcknowledged(machine: Machine, transfers: readonly ClientTransfer[]): void {
    this.clients.onAcknowledged(machine, transfers)
  }

  onStopped(machine: Machine, reason: StopReason): void {
    if (reason.kind === 'disk') {
      const isExpected = reason.code !== 'damaged' || this.rotten.has(machine)
      return this.verdict.check(
        isExpected,
        'I4 log',
        () => `${machine.name} stops: ${reason.message}`,
      )
    }
    if (reason.kind === 'halt')
      return this.verdict.report('I10 halt', `${machine.name} halts: ${reason.reason}`)
    const where = reason.error.stack
      ?.split('\n')
      .slice(1, 4)
      .map((line) => line.trim())
      .join(' ')
    this.verdict.report(
      'own assertion',
      `${machine.name}: ${reason.error.message} (${where ?? ''})`,
    )
  }

  #onAccused(machine: Machine, validator: number): void {
    const { shard } = machine.seat
    this.accused.add(`${shard}/${validator}`)
    this.verdict.check(!this.#isHonest({ shard, validator }), 'I10 blame', () => {
      return `${machine.name} has evidence against ${shard}/${validator}, which is honest`
    })
  }
}
